//! Replays the fuzzing corpus with the stable compiler.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use ca_core::CertificationRequest;
use ca_core::batch::{BatchRow, Columns, CsvReader, Defaults};
use ca_core::import::IndexLine;
use ca_core::journal::{Checks, ExportVerifier, JournalKey, Proof, SignedCheckpoint};
use ca_core::profile::{Language, Profile, annex, differences};
use std::path::Path;

#[test]
fn every_request_of_the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/pkcs10");
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
        [
            "ed25519.der",
            "p256.der",
            "pss-longest-salt.der",
            "pss.der",
            "rsa3072.pem"
        ]
    );
}

/// The names of the files in `folder` that `accepts`.
fn accepted(folder: &str, accepts: impl Fn(&[u8]) -> bool) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(folder);
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| accepts(&std::fs::read(path).unwrap()))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_checkpoint_of_the_corpus_is_read_as_written_or_refused() {
    let names = accepted("checkpoint", |bytes| match SignedCheckpoint::parse(bytes) {
        Ok(note) => note.note().as_bytes() == bytes,
        Err(error) => {
            assert!(error.hint().is_some());
            false
        }
    });
    assert_eq!(names, ["ed25519.txt", "witness.txt"]);
    let keys = accepted("checkpoint", |bytes| JournalKey::from_file(bytes).is_ok());
    assert_eq!(keys, ["key.pem"]);
}

#[test]
fn every_proof_of_the_corpus_is_read_or_refused_and_convinces_nobody_without_a_key() {
    let names = accepted("journal-proof", |bytes| match Proof::parse(bytes) {
        Ok(proof) => {
            assert!(proof.check(&[]).is_err());
            assert_eq!(Proof::parse(proof.to_json().as_bytes()).unwrap(), proof);
            true
        }
        Err(error) => {
            assert!(error.hint().is_some());
            false
        }
    });
    assert_eq!(
        names,
        ["consistency.json", "inclusion.json", "record-zero.json"]
    );
}

#[test]
fn every_export_of_the_corpus_is_verified_or_refused() {
    let names = accepted("journal-export", |bytes| {
        let mut verifier = ExportVerifier::new(Checks::default());
        match verifier.read(&mut &*bytes) {
            Ok(()) => verifier.finish().is_ok(),
            Err(error) => {
                assert!(error.hint().is_some(), "{error}");
                false
            }
        }
    });
    assert_eq!(names, ["part.jsonl", "whole.jsonl"]);
}

#[test]
fn every_profile_of_the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/profile");
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

#[test]
fn every_index_of_the_corpus_is_read_or_refused() {
    let mut read = Vec::new();
    for (name, input) in corpus("openssl-index") {
        let lines = input.split(|b| *b == b'\n');
        let mut good = 0;
        for line in lines {
            match IndexLine::parse(line) {
                Ok(found) => good += usize::from(found.is_some()),
                Err(error) => assert!(!error.hint().is_empty(), "{name}: {error}"),
            }
        }
        read.push((name, good));
    }
    let expected = [
        ("cut.txt", 0),
        ("every-status.txt", 5),
        ("long-serial.txt", 1),
        ("negative.txt", 0),
        ("no-date.txt", 0),
        ("octets.bin", 0),
    ];
    assert_eq!(read, expected.map(|(name, good)| (name.to_owned(), good)));
}

#[test]
fn every_batch_of_the_corpus_is_read_or_refused() {
    let mut read = Vec::new();
    for (name, input) in corpus("batch") {
        let mut reader = CsvReader::new(input.as_slice());
        let heading = reader.next_record().unwrap().unwrap().unwrap();
        let Ok(columns) = Columns::parse(&heading) else {
            read.push((name, None));
            continue;
        };
        let mut orders = 0;
        while let Some(record) = reader.next_record().unwrap() {
            let row = record.map(|r| BatchRow::parse(&r, &columns, &Defaults::default()));
            orders += usize::from(matches!(row, Ok(Ok(_))));
        }
        read.push((name, Some(orders)));
    }
    let expected = [
        ("good.csv", Some(2)),
        ("inline.csv", Some(1)),
        ("latin-1.csv", Some(1)),
        ("open-quote.csv", Some(1)),
        ("semicolons.csv", None),
    ];
    assert_eq!(read, expected.map(|(name, n)| (name.to_owned(), n)));
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}
