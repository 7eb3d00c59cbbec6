//! What `ca-core` reads: requests, profiles, scripts, batches, foreign certificates, the journal.

use std::sync::LazyLock;

use ca_core::batch::{BatchRow, Columns, CsvReader, Defaults};
use ca_core::crl::CrlName;
use ca_core::hierarchy::ceremony::Script;
use ca_core::import::{Bundles, IndexLine, serial_from_hex};
use ca_core::journal::{Checks, ExportVerifier, JournalKey, Proof, SignedCheckpoint};
use ca_core::profile::{Language, Profile, annex, built_in, differences};
use ca_core::registration::{RevocationCode, Statement};
use ca_core::store::{PostgresAccess, PostgresLocation};
use ca_core::{CertificationRequest, SubjectDn};

use crate::text;

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| built_in().unwrap());

/// A batch of orders: each record is an order or an error, and no id leaves the folder.
pub(crate) fn batch(input: &[u8]) {
    let mut reader = CsvReader::new(input);
    let Ok(Some(Ok(heading))) = reader.next_record() else {
        return;
    };
    let Ok(columns) = Columns::parse(&heading) else {
        return;
    };
    while let Ok(Some(record)) = reader.next_record() {
        let Ok(record) = record else { continue };
        if let Ok(row) = BatchRow::parse(&record, &columns, &Defaults::default()) {
            let stem = row.id.file_stem();
            assert!(!stem.contains('/') && !stem.starts_with('.'));
            let _ = row.digest("", None);
        }
    }
}

/// Certificates in a file: the reader ends, and each find is later in the file than the one before.
pub(crate) fn bundle(input: &[u8]) {
    let mut bundles = Bundles::new(input);
    let mut last = 0;
    while let Some((line, _)) = bundles.next_certificate().unwrap() {
        assert!(line >= last);
        last = line;
    }
}

/// A ceremony's script: what is accepted says the same when it is read again, and keeps its minutes in
/// its folder.
pub(crate) fn ceremony(input: &[u8]) {
    let Some(source) = text(input) else { return };
    match Script::parse(source, &PROFILES) {
        Ok(script) => {
            for certificate in script.certificates() {
                assert!(!certificate.out.contains(['/', '\\', '\0']));
                assert!(!certificate.out.starts_with('.'));
            }
        }
        Err(error) => assert!(!error.problems().is_empty() && error.hint().is_some()),
    }
}

/// Checkpoints and journal keys: one that is read is written back byte for byte.
pub(crate) fn checkpoint(input: &[u8]) {
    if let Ok(note) = SignedCheckpoint::parse(input) {
        assert_eq!(note.note().as_bytes(), input);
        assert!(input.starts_with(note.checkpoint().text().as_bytes()));
    }
    let _ = JournalKey::from_file(input);
}

/// The statement that an operator signed: one form only.
pub(crate) fn decision(input: &[u8]) {
    let Some(text) = text(input) else { return };
    if let Ok(statement) = Statement::parse(text) {
        assert!(text.is_ascii() && !text.contains('\n'));
        assert!(text.contains(statement.operator()) && text.contains(statement.act()));
    }
}

/// An export of the journal: verifying one ends, and what verifies is a chain of hashes.
pub(crate) fn journal_export(input: &[u8]) {
    let mut verifier = ExportVerifier::new(Checks::default());
    if verifier.read(&mut &*input).is_ok() {
        let _ = verifier.finish();
    }
}

/// Proofs: none convinces without a key.
pub(crate) fn journal_proof(input: &[u8]) {
    if let Ok(proof) = Proof::parse(input) {
        assert!(proof.check(&[]).is_err());
        assert_eq!(Proof::parse(proof.to_json().as_bytes()).unwrap(), proof);
    }
}

/// Lines of openssl's `index.txt`.
pub(crate) fn openssl_index(input: &[u8]) {
    for line in input.split(|b| *b == b'\n') {
        if let Ok(Some(line)) = IndexLine::parse(line) {
            assert!((1..=41).contains(&line.serial.len()));
        }
    }
}

/// PKCS#10 requests: one that is accepted was signed by its own key.
pub(crate) fn pkcs10(input: &[u8]) {
    if let Ok(request) = CertificationRequest::parse(input) {
        assert!(!request.public_key().spki_der().is_empty());
    }
}

/// Profiles: what is refused says why, and what is accepted can be rendered, compared, given a specimen's
/// subject, and read again from its own text.
pub(crate) fn profile(input: &[u8]) {
    let Some(source) = text(input) else { return };
    match Profile::parse(source) {
        Ok(profile) => {
            let subject = profile.specimen_subject("MC");
            let _ = profile.subject_name(&subject);
            assert!(differences(&profile, &profile).is_empty());
            for language in [Language::English, Language::French] {
                assert!(!annex(&profile, None, language).is_empty());
            }
        }
        Err(error) => assert!(!error.problems().is_empty()),
    }
}

/// Names, serial numbers, file names, codes and database URLs: what is read is written back the same.
pub(crate) fn small_texts(input: &[u8]) {
    let Some(text) = text(input) else { return };
    if let Ok(name) = text.parse::<SubjectDn>() {
        assert_eq!(name.to_string().parse().as_ref(), Ok(&name));
    }
    if let Ok(serial) = serial_from_hex(text) {
        assert!(!serial.is_empty());
    }
    if let Some((authority, name)) = CrlName::parse(text) {
        assert_eq!(name.file_name(authority), text);
    }
    if let Ok(code) = text.parse::<RevocationCode>() {
        assert_eq!(code.reveal().len(), code.reveal().trim().len());
    }
    if let Err(error) = PostgresLocation::parse(text, &PostgresAccess::default()) {
        assert!(!error.to_string().is_empty());
    }
}
