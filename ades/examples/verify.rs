//! Says what the signatures in a file are worth: `verify FILE ANCHOR`, with the anchor's certificate in
//! DER; certificates, OCSP responses and CRLs come from the file and the network.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;

use ades::net::UreqClient;
use ades::report::Report;
use ades::validate::{HttpFetch, Input, Material, ValidationPolicy, gather, verdict};
use pdf_file::{FileSource, OpenOptions};
use pki_asn1::{Certificate, Clock, SystemClock};
use pki_path::TrustAnchor;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, anchor] = &arguments[..] else {
        return Err("verify FILE ANCHOR".into());
    };
    let input = Input {
        source: Arc::new(FileSource::open(file)?),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let anchor = Certificate::from_der(std::fs::read(anchor)?)?;
    let mut material = Material::default();
    material
        .anchors
        .push(TrustAnchor::from_certificate(anchor)?);
    let now = SystemClock.now();
    let fetch = HttpFetch(UreqClient::default());
    let facts = gather(&input, material, now, Some(&fetch))?;
    let verdict = verdict(&facts, &ValidationPolicy::default(), now);
    print!("{}", Report::new(file, &facts, &verdict).to_text());
    Ok(())
}
