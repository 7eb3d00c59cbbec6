//! Replays the fuzzing corpus with the stable compiler.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use ca_core::CertificationRequest;
use ca_core::profile::{Language, Profile, annex, differences};
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

#[test]
fn every_profile_of_the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/profile");
    let mut accepted = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let input = std::fs::read_to_string(&path).unwrap();
        match Profile::parse(&input) {
            Ok(profile) => {
                let subject = profile.specimen_subject("MC");
                profile.subject_name(&subject).unwrap();
                assert!(differences(&profile, &profile).is_empty());
                assert!(!annex(&profile, None, Language::French).is_empty());
                accepted.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
            Err(error) => {
                assert!(error.hint().is_some() && !error.problems().is_empty());
                let shown = error.to_string();
                assert!(!shown.contains('\u{1b}'), "{}: {shown}", path.display());
            }
        }
    }
    accepted.sort();
    assert_eq!(
        accepted,
        [
            "company-seal.toml",
            "inline.toml",
            "national.toml",
            "root-ca.toml",
            "short-limits.toml",
            "short-term-signature.toml",
            "time-stamping-unit.toml",
        ]
    );
}
