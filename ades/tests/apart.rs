//! Signing apart: prepared here, signed by openssl, completed here; openssl and pdfsig judge.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use ades::cades::{CadesError, CadesOptions, PreparedFile, prepare_file};
use ades::cms::build::{BuildError, CmsIdentity};
use ades::pades::{PadesError, PadesOptions, PreparedPdf, prepare_pdf};
use common::{Hierarchy, Identity, Usage, accepts};
use hsm_pkcs11::{KeySpec, Signer};
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{Clock, SystemClock};
use pki_crypto::Message;

/// One empty page.
const PDF: &[u8] = b"%PDF-1.7
1 0 obj
<</Type /Catalog /Pages 2 0 R>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R] /Count 1>>
endobj
3 0 obj
<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>
endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000056 00000 n\x20
0000000111 00000 n\x20
trailer
<</Size 4 /Root 1 0 R>>
startxref
196
%%EOF
";

struct World {
    pki: Hierarchy,
    key: Arc<dyn Signer>,
    identity: CmsIdentity,
}

impl World {
    fn new(spec: KeySpec) -> Self {
        let pki = Hierarchy::new();
        let Identity {
            key, certificate, ..
        } = pki.issue("Acme SAM", spec, Usage::Signing);
        let chain = [pki.issuing.clone()];
        let identity = CmsIdentity::new(certificate, &chain, Some(spec.algorithm)).unwrap();
        Self { pki, key, identity }
    }
}

fn pdf() -> PdfFile {
    PdfFile::open(
        Arc::new(MemorySource::new(PDF.to_vec())),
        OpenOptions::new(),
    )
    .unwrap()
}

fn prepared(world: &World) -> PreparedPdf {
    let options = PadesOptions::new(SystemClock.now());
    prepare_pdf(&pdf(), &world.identity, &options, None).unwrap()
}

/// r and s side by side, as tokens and web services hand them out.
fn side_by_side(der: &[u8], field: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 2;
    for _ in 0..2 {
        let len = der[at + 1] as usize;
        let digits = &der[at + 2..at + 2 + len];
        let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
        out.resize(out.len() + field - digits.len(), 0);
        out.extend(digits);
        at += 2 + len;
    }
    out
}

#[test]
fn a_pdf_completed_from_its_kept_state_is_not_what_was_prepared() {
    for spec in [KeySpec::P256, KeySpec::RSA3072, KeySpec::ED25519] {
        let world = World::new(spec);
        // Kept as text between the two steps.
        let kept = serde_json::to_string(&prepared(&world)).unwrap();
        let prepared: PreparedPdf = serde_json::from_str(&kept).unwrap();
        let to_be_signed = prepared.to_be_signed(&world.identity).unwrap();
        let value = world
            .key
            .sign(Message::Bytes(to_be_signed.message()))
            .unwrap();
        let mut values = vec![value.clone()];
        if spec == KeySpec::P256 {
            values.push(side_by_side(&value, 32));
        }
        let source = MemorySource::new(PDF.to_vec());
        for value in values {
            let mut out = Vec::new();
            let made = prepared
                .complete(&source, &mut out, &world.identity, &value, None)
                .unwrap();
            assert_eq!((made.len, &*made.field), (out.len() as u64, "Signature1"));
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("signed.pdf");
            std::fs::write(&path, &out).unwrap();
            let path = path.to_str().unwrap();
            accepts("qpdf", &["--check", path]);
            if let Some(text) = accepts("pdfsig", &["-nocert", path])
                && spec != KeySpec::ED25519
            {
                assert!(text.contains("Signature is Valid."), "{text}");
                assert!(text.contains("Total document signed"), "{text}");
            }
        }
    }
}

#[test]
fn a_signature_by_another_key_or_over_other_bytes_is_written() {
    let world = World::new(KeySpec::P256);
    let other = world
        .pki
        .issue("Somebody else", KeySpec::P256, Usage::Signing);
    let prepared = prepared(&world);
    let to_be_signed = prepared.to_be_signed(&world.identity).unwrap();
    let good = world
        .key
        .sign(Message::Bytes(to_be_signed.message()))
        .unwrap();
    let foreign = other
        .key
        .sign(Message::Bytes(to_be_signed.message()))
        .unwrap();
    let elsewhere = world.key.sign(Message::Bytes(b"something else")).unwrap();
    let source = MemorySource::new(PDF.to_vec());
    let half = &good[..good.len() / 2];
    for value in [
        &foreign[..],
        &elsewhere,
        half,
        b"",
        b"no signature",
        &[0; 64],
    ] {
        let mut out = Vec::new();
        let error = prepared
            .complete(&source, &mut out, &world.identity, value, None)
            .unwrap_err();
        assert!(
            matches!(&error, PadesError::Build(BuildError::WrongSignature { len, .. }) if *len == value.len()),
            "{error:?}"
        );
        assert!(error.hint().is_some() && out.is_empty());
    }
    // The state of one signer completed as another's.
    let chain = [world.pki.issuing.clone()];
    let identity = CmsIdentity::new(other.certificate, &chain, None).unwrap();
    let error = prepared
        .complete(&source, &mut Vec::new(), &identity, &foreign, None)
        .unwrap_err();
    assert!(
        matches!(error, PadesError::Build(BuildError::NotPrepared(_))),
        "{error:?}"
    );
}

#[test]
fn a_document_or_a_state_that_changed_meanwhile_is_completed() {
    let world = World::new(KeySpec::P256);
    let prepared = prepared(&world);
    let to_be_signed = prepared.to_be_signed(&world.identity).unwrap();
    let value = world
        .key
        .sign(Message::Bytes(to_be_signed.message()))
        .unwrap();
    let complete = |prepared: &PreparedPdf, document: Vec<u8>| {
        let source = MemorySource::new(document);
        prepared
            .complete(&source, &mut Vec::new(), &world.identity, &value, None)
            .unwrap_err()
    };
    let mut changed = PDF.to_vec();
    changed[300] ^= 1;
    let error = complete(&prepared, changed);
    assert!(matches!(error, PadesError::Changed(_)), "{error:?}");
    let error = complete(&prepared, [PDF, b"\n"].concat());
    assert!(matches!(error, PadesError::Changed(_)), "{error:?}");

    let kept = serde_json::to_value(&prepared).unwrap();
    let damaged = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut kept = kept.clone();
        change(&mut kept);
        complete(&serde_json::from_value(kept).unwrap(), PDF.to_vec())
    };
    let (from, to) = (
        kept["contents"][0].as_u64().unwrap(),
        kept["contents"][1].as_u64().unwrap(),
    );
    for contents in [
        [from, to + 1],
        [from + 2, to],
        [to, from],
        [0, 1 << 40],
        [0, 2],
    ] {
        let error = damaged(&|kept| kept["contents"] = contents.into());
        assert!(matches!(error, PadesError::Prepared(_)), "{error:?}");
    }
    let error = damaged(&|kept| {
        let text = kept["update"].as_str().unwrap().replacen('A', "B", 1);
        kept["update"] = text.into();
    });
    assert!(
        matches!(error, PadesError::Changed(_) | PadesError::Prepared(_)),
        "{error:?}"
    );
    for attributes in ["", "AAAA", "MQA=", "MYIAAA=="] {
        let error = damaged(&|kept| kept["signedAttributes"] = attributes.into());
        assert!(
            matches!(error, PadesError::Build(BuildError::NotPrepared(_))),
            "{error:?}"
        );
    }
}

#[test]
fn a_file_signed_apart_does_not_verify_or_hides_that_it_changed() {
    let world = World::new(KeySpec::P256);
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let root = world.pki.write_root(Path::new(dir.path()));
    let content = b"Rien ne va plus.\r\n".repeat(5000);
    std::fs::write(path("content"), &content).unwrap();
    let options = CadesOptions::new(SystemClock.now());
    let prepared = prepare_file(&mut &content[..], &world.identity, &options).unwrap();
    let kept = serde_json::to_string(&prepared).unwrap();
    let prepared: PreparedFile = serde_json::from_str(&kept).unwrap();
    let to_be_signed = prepared.to_be_signed(&world.identity).unwrap();
    let value = world
        .key
        .sign(Message::Digest(&to_be_signed.digest().unwrap()))
        .unwrap();
    let id = &world.identity;
    let (mut detached, mut attached) = (Vec::new(), Vec::new());
    prepared
        .complete_detached(&mut &content[..], &mut detached, id, &value, None)
        .unwrap();
    prepared
        .complete_attached(&mut Cursor::new(&content), &mut attached, id, &value, None)
        .unwrap();
    std::fs::write(path("detached"), &detached).unwrap();
    std::fs::write(path("attached"), &attached).unwrap();
    let verify = [
        "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", &root, "-out",
    ];
    let (detached, attached, content_path) = (path("detached"), path("attached"), path("content"));
    accepts(
        "openssl",
        &[
            &verify[..],
            &[&path("out1"), "-in", &detached, "-content", &content_path],
        ]
        .concat(),
    );
    accepts(
        "openssl",
        &[&verify[..], &[&path("out2"), "-in", &attached]].concat(),
    );
    assert_eq!(std::fs::read(path("out2")).unwrap(), content);

    for other in [&content[1..], &[&content[..], b"x"].concat()] {
        let mut out = Vec::new();
        let error = prepared
            .complete_detached(&mut &other[..], &mut out, id, &value, None)
            .unwrap_err();
        assert!(matches!(error, CadesError::Changed), "{error:?}");
        let error = prepared
            .complete_attached(&mut Cursor::new(other), &mut out, id, &value, None)
            .unwrap_err();
        assert!(matches!(error, CadesError::Changed), "{error:?}");
        assert!(out.is_empty());
    }
}

#[test]
fn a_key_is_asked_for_an_algorithm_that_it_does_not_have() {
    let world = World::new(KeySpec::P256);
    let certificate = world.identity.certificate().clone();
    let error = CmsIdentity::new(certificate, &[], Some(KeySpec::RSA3072.algorithm)).unwrap_err();
    assert!(
        matches!(error, BuildError::AlgorithmMismatch { .. }),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("ECDSA with SHA-256"));
}
