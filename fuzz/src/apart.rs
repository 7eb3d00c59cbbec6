//! What is kept between the two steps of signing apart, and outputs that lie where a batch goes on.

use std::io::Cursor;

use ades::cades::{PreparedFile, is_signature_of};
use ades::cms::build::CmsIdentity;
use ades::cms::prepare::KeptIdentity;
use ades::pades::PreparedPdf;
use pdf_file::MemorySource;
use pki_asn1::Certificate;

use crate::text;

/// Nobody's signature completes a state that anybody may have written, whatever is in it.
pub(crate) fn prepared(input: &[u8]) {
    let Some(text) = text(input) else {
        return;
    };
    let own = include_bytes!("../corpus/path/acme.der").to_vec();
    let identity = CmsIdentity::new(Certificate::from_der(own).unwrap(), &[], None).unwrap();
    let value = [0x5a; 64];
    if let Ok(prepared) = serde_json::from_str::<PreparedPdf>(text) {
        let source = MemorySource::new(vec![0; 16]);
        let mut out = Vec::new();
        let completed = prepared.complete(&source, &mut out, &identity, &value, None);
        assert!(completed.is_err() && out.is_empty());
        if let Ok(to_be_signed) = prepared.to_be_signed(&identity) {
            assert!(to_be_signed.digest().is_some());
        }
    }
    if let Ok(prepared) = serde_json::from_str::<PreparedFile>(text) {
        let mut out = Vec::new();
        let completed =
            prepared.complete_detached(&mut &b"x"[..], &mut out, &identity, &value, None);
        assert!(completed.is_err() && out.is_empty());
    }
    if let Ok(kept) = serde_json::from_str::<KeptIdentity>(text) {
        let _ = kept.restore();
    }
}

/// A file is a signature of one content at most.
pub(crate) fn belongs(input: &[u8]) {
    let content = b"Some notes.\n";
    let belongs = is_signature_of(&mut Cursor::new(input), &mut &content[..]).unwrap();
    let other = is_signature_of(&mut Cursor::new(input), &mut &content[1..]).unwrap();
    assert!(!(belongs && other));
}
