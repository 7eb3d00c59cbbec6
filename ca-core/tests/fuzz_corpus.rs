//! Replays the fuzzing corpus with the stable compiler.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use ca_core::CertificationRequest;
use std::path::Path;

#[test]
fn every_request_of_the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/request");
    let mut accepted = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let input = std::fs::read(&path).unwrap();
        match CertificationRequest::parse(&input) {
            Ok(_) => accepted.push(path.file_name().unwrap().to_string_lossy().into_owned()),
            Err(error) => assert!(error.hint().is_some(), "{}: {error}", path.display()),
        }
    }
    accepted.sort();
    assert_eq!(
        accepted,
        ["ed25519.der", "p256.der", "pss.der", "rsa3072.pem"]
    );
}
