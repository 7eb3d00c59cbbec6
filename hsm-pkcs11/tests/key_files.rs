//! Key files against openssl, both ways.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{openssl, openssl_there, pass};
use hsm_pkcs11::{
    ErrorKind, KeyError, KeyLocation, KeySpec, OpenOptions, PinSource, generate, open,
};
use pki_crypto::Message;

fn at(path: &Path) -> KeyLocation {
    KeyLocation::File(path.to_owned())
}

#[test]
fn openssl_reads_what_we_write() {
    let dir = tempfile::tempdir().unwrap();
    if !openssl_there() {
        return;
    }
    for spec in [
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::RSA3072,
        KeySpec::ED25519,
    ] {
        let path = dir.path().join(format!("{spec}.pem"));
        let key = generate(
            &at(&path),
            spec,
            &pass("correct horse"),
            &OpenOptions::default(),
        )
        .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let out = openssl(&[
            "pkey",
            "-in",
            path.to_str().unwrap(),
            "-passin",
            "pass:correct horse",
            "-pubout",
            "-outform",
            "DER",
        ]);
        assert_eq!(out, key.signer.public_key().spki_der(), "{spec}");
        let again = open(&at(&path), &pass("correct horse"), &OpenOptions::default()).unwrap();
        assert_eq!(again.signer.public_key(), key.signer.public_key());
        let signature = again.signer.sign(Message::Bytes(b"x")).unwrap();
        key.signer
            .public_key()
            .verify(again.signer.algorithm(), Message::Bytes(b"x"), &signature)
            .unwrap();
        let wrong = open(&at(&path), &pass("wrong"), &OpenOptions::default()).unwrap_err();
        assert!(matches!(wrong, KeyError::WrongPassphrase(_)));
        assert_eq!(wrong.kind(), ErrorKind::WrongPin);
    }
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    std::fs::write(&path, "precious").unwrap();
    let error = generate(
        &at(&path),
        KeySpec::P256,
        &pass("x"),
        &OpenOptions::default(),
    )
    .unwrap_err();
    assert!(matches!(error, KeyError::FileExists(_)));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_key_file_is_not_written_without_a_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    let error = generate(
        &at(&path),
        KeySpec::P256,
        &PinSource::None,
        &OpenOptions::default(),
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PinRequired);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
