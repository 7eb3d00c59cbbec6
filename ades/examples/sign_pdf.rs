//! Signs a PDF: `sign_pdf KEY IN OUT [TSA]`, with the passphrase or PIN in `SCEAU_PIN`. Level B-T with a
//! time-stamping authority, else B-B.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::sync::Arc;

use ades::cms::build::CmsSigner;
use ades::net::UreqClient;
use ades::pades::{PadesOptions, sign_pdf};
use ades::tsp::{Client, TimeStamper};
use hsm_pkcs11::PinSource;
use pdf_file::{FileSource, OpenOptions, PdfFile};
use pki_asn1::{Certificate, Clock, SystemClock};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, input, output, tsa @ ..] = &arguments[..] else {
        return Err("sign_pdf KEY IN OUT [TSA]".into());
    };
    let pin = PinSource::Environment("SCEAU_PIN".into());
    let key = hsm_pkcs11::open(&key.parse()?, &pin, &hsm_pkcs11::OpenOptions::default())?;
    let mut certificates = Vec::new();
    for der in key.certificates {
        certificates.push(Certificate::from_der(der)?);
    }
    let (own, chain) = certificates
        .split_first()
        .ok_or("no certificate beside the key")?;
    let signer = CmsSigner::new(key.signer, own.clone(), chain)?;

    let pdf = PdfFile::open(Arc::new(FileSource::open(input)?), OpenOptions::new())?;
    let options = PadesOptions::new(SystemClock.now());
    let tsa = Client::new(Arc::new(UreqClient::default()), tsa.to_vec());
    let tsa = Some(&tsa as &dyn TimeStamper).filter(|_| arguments.len() > 3);
    let made = sign_pdf(&pdf, &mut File::create_new(output)?, &signer, &options, tsa)?;
    println!("{output}: {} octets, field {}", made.len, made.field);
    Ok(())
}
