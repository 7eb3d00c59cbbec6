//! Signs a file with a key that is elsewhere: `sign_apart prepare CERTIFICATE IN STATE` prints the digest
//! in hexadecimal, `sign_apart complete CERTIFICATE IN STATE SIGNATURE OUT` takes what was made of it. The
//! certificate is in DER.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::{self, File};

use ades::cades::{CadesOptions, PreparedFile, prepare_file};
use ades::cms::build::CmsIdentity;
use pki_asn1::{Certificate, Clock, SystemClock};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let identity = |path: &str| -> Result<_, Box<dyn Error>> {
        let certificate = Certificate::from_der(fs::read(path)?)?;
        Ok(CmsIdentity::new(certificate, &[], None)?)
    };
    match &arguments[..] {
        ["prepare", certificate, input, state] => {
            let identity = identity(certificate)?;
            let options = CadesOptions::new(SystemClock.now());
            let prepared = prepare_file(&mut File::open(input)?, &identity, &options)?;
            fs::write(state, serde_json::to_vec(&prepared)?)?;
            let digest = prepared.to_be_signed(&identity)?.digest();
            println!("{}", digest.ok_or("this key signs no digest")?.to_hex());
        }
        ["complete", certificate, input, state, signature, output] => {
            let identity = identity(certificate)?;
            let prepared: PreparedFile = serde_json::from_slice(&fs::read(state)?)?;
            let (mut content, signature) = (File::open(input)?, fs::read(signature)?);
            let mut out = Vec::new();
            prepared.complete_detached(&mut content, &mut out, &identity, &signature, None)?;
            fs::write(output, out)?;
        }
        _ => return Err("sign_apart prepare|complete CERTIFICATE IN STATE [SIGNATURE OUT]".into()),
    }
    Ok(())
}
