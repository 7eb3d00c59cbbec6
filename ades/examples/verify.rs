//! Says what the signatures in a file are worth: `verify FILE ANCHOR`, with the anchor's certificate in
//! DER; certificates, OCSP responses and CRLs come from the file and the network.
#![allow(clippy::print_stdout)]

use std::error::Error;

use ades::net::UreqClient;
use ades::report::Report;
use ades::validate::{HttpFetch, Input, Material, ValidationPolicy, gather, verdict};
use pki_asn1::{Certificate, Clock, SystemClock};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, anchor] = &arguments[..] else {
        return Err("verify FILE ANCHOR".into());
    };
    let input = Input::open(file)?;
    let material = Material::trusting([Certificate::from_der(std::fs::read(anchor)?)?])?;
    let now = SystemClock.now();
    let fetch = HttpFetch(UreqClient::default());
    let facts = gather(&input, material, now, Some(&fetch))?;
    let verdict = verdict(&facts, &ValidationPolicy::default(), now);
    print!("{}", Report::new(file, &facts, &verdict).to_text());
    Ok(())
}
