//! Signatures of the NIST PKITS certificates verify over the original bytes, and those that NIST
//! broke on purpose do not.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says why it skips and fails where it unwraps"
)]

use std::path::{Path, PathBuf};

use pki_asn1::Certificate;
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

#[test]
fn only_the_deliberately_broken_pkits_signatures_fail() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("SCEAU_CORPORA").map_or(beside, PathBuf::from);
    let folder = root.join("pkits/certs");
    if !folder.is_dir() {
        eprintln!("skipped: corpus not found: pkits");
        return;
    }
    let pool: Vec<(String, Certificate)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "crt"))
        .filter_map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            // Two certificates are no DER: their signatures have an unused bit that is set.
            Some((
                name,
                Certificate::from_der(std::fs::read(path).unwrap()).ok()?,
            ))
        })
        .collect();
    let mut unverified = Vec::new();
    let mut verified = 0;
    for (name, cert) in &pool {
        let algorithm = SignatureAlgorithm::from_identifier(cert.signature_algorithm()).unwrap();
        let ok = pool
            .iter()
            .filter(|(_, ca)| pki_asn1::name::matches(ca.subject(), cert.issuer()))
            .filter_map(|(_, ca)| {
                let key = PublicKey::from_spki_der(ca.spki_der()).ok()?;
                if !key.lacks_parameters() {
                    return Some(key);
                }
                let above = pool
                    .iter()
                    .find(|(_, above)| pki_asn1::name::matches(above.subject(), ca.issuer()))?;
                key.with_parameters_of(&PublicKey::from_spki_der(above.1.spki_der()).ok()?)
            })
            .any(|key| {
                key.verify(algorithm, Message::Bytes(cert.tbs_der()), cert.signature())
                    .is_ok()
            });
        if ok {
            verified += 1;
        } else {
            unverified.push(name.as_str());
        }
    }
    unverified.sort_unstable();
    assert!(verified >= 390, "only {verified} signatures verified");
    // The issuer of the first is no DER, the last two name no issuer of the corpus.
    let expected = [
        "InvalidCASignatureTest2EE",
        "InvalidEESignatureTest3EE",
        "InvalidNameChainingOrderTest2EE",
        "InvalidNameChainingTest1EE",
    ];
    assert_eq!(unverified, expected);
}
