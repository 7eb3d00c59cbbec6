//! What tired operators do, and what must not have happened afterwards.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";
const ISSUE: &str = "-C ca issue --ca companies --profile company-seal";

fn refused(folder: &Path, words: &str, more: &[&str], code: i32) -> String {
    let output: Output = support::sceau_ca(folder, words, more);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{words} {more:?}: {errors}"
    );
    assert!(errors.contains("\n  hint: "), "{errors}");
    errors
}

fn records(folder: &Path) -> String {
    support::done(folder, "-C ca --json audit verify", &[])
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_anything_is_issued() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    let before = records(folder);
    let generate = format!("{ISSUE} --generate-key key.pem --subject");
    // The key and the certificate, or the certificate and the chain, under one name.
    refused(folder, &generate, &[SUBJECT, "--out", "key.pem"], 64);
    refused(folder, &generate, &[SUBJECT, "--out", "./key.pem"], 64);
    let twice = [SUBJECT, "--out", "x.pem", "--chain-out", "./x.pem"];
    refused(folder, &generate, &twice, 64);
    let create = "-C ca ca create other --profile root-ca --key ca/keys/other.pem --subject";
    refused(
        folder,
        create,
        &[SUBJECT, "--out", "ca/keys/../keys/other.pem"],
        64,
    );
    let renew = "-C ca ocsp-signer renew --ca companies --key o.pem --out o.pem";
    refused(folder, renew, &[], 64);
    // A name that is taken by a link to nowhere, and one that no file can have.
    symlink("nowhere", folder.join("link.pem")).unwrap();
    refused(folder, &generate, &[SUBJECT, "--out", "link.pem"], 73);
    let long = "a".repeat(300);
    let output = support::sceau_ca(folder, &generate, &[SUBJECT, "--out", &long]);
    assert!(!output.status.success());
    assert!(!folder.join("key.pem").exists());
    assert!(!folder.join("ca/keys/other.pem").exists());
    assert_eq!(records(folder), before);
}

#[test]
fn a_key_file_that_is_named_like_a_token_is_found_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    let create = "-C ca ca create odd --profile root-ca --key ./ca/pkcs11:token=a --subject";
    let name = "C=MC,O=Odd,organizationIdentifier=NTRMC-00S00009,CN=Odd Root CA";
    support::done(folder, create, &[name]);
    support::done(folder, "-C ca crl --ca odd", &[]);
    let nothing = "-C ca ca create empty --profile root-ca --subject";
    let output = support::sceau_ca(folder, nothing, &[SUBJECT, "--key", ""]);
    assert_eq!(output.status.code(), Some(64));
}

#[test]
fn one_authority_without_its_key_does_not_keep_the_others_from_publishing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    fs::rename(
        folder.join("ca/keys/root.pem"),
        folder.join("elsewhere.pem"),
    )
    .unwrap();
    let output = support::sceau_ca(folder, "-C ca crl --all", &[]);
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("root"), "{errors}");
    let published = String::from_utf8(output.stdout).unwrap();
    assert!(
        published.starts_with("companies: CRL number 1"),
        "{published}"
    );
}

#[test]
fn an_empty_pin_variable_encrypts_no_key() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    fs::write(folder.join("pin.txt"), support::PIN).unwrap();
    let create = "-C ca ca create new --profile root-ca --key new.pem --subject";
    let output = std::process::Command::new(support::PROGRAM)
        .current_dir(folder)
        .env("SCEAU_PIN", "")
        .args(create.split_whitespace())
        .arg(SUBJECT)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(77));
    assert!(!folder.join("new.pem").exists());
}

#[test]
fn a_certificate_whose_revocation_somebody_deleted_is_found_by_the_audit() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    let issue = format!("{ISSUE} --generate-key key.pem --out acme.pem --subject");
    support::done(folder, &issue, &[SUBJECT]);
    support::done(
        folder,
        "-C ca revoke --cert acme.pem --reason keyCompromise",
        &[],
    );
    records(folder);
    let db = rusqlite::Connection::open(folder.join("ca/record.sqlite")).unwrap();
    db.execute_batch("DROP TRIGGER revocation_stays; DELETE FROM revocation")
        .unwrap();
    let errors = refused(folder, "-C ca audit verify", &[], 1);
    assert!(errors.contains("the revocation of certificate"), "{errors}");
}

#[test]
fn a_crl_replaces_an_older_crl_and_neither_the_record_nor_a_key() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    let publish = "-C ca crl --ca companies --out";
    for name in ["companies.crl", "companies.pem"] {
        support::done(folder, publish, &[name]);
        let older = fs::read(folder.join(name)).unwrap();
        support::done(folder, publish, &[name]);
        assert_ne!(fs::read(folder.join(name)).unwrap(), older);
    }
    let key = fs::read(folder.join("ca/keys/root.pem")).unwrap();
    let certificate = fs::read(folder.join("root-ca.pem")).unwrap();
    let both = [&key[..], &certificate[..]].concat();
    fs::write(folder.join("both.pem"), &both).unwrap();
    let renew = "-C ca ocsp-signer renew --ca companies --key o.pem --out both.pem";
    refused(folder, renew, &[], 73);
    assert_eq!(fs::read(folder.join("both.pem")).unwrap(), both);
    // The record itself may be tidied by whoever opens it; it is still the record afterwards.
    refused(folder, publish, &["ca/record.sqlite"], 73);
    support::done(folder, "-C ca audit verify", &[]);
    for precious in ["ca/keys/root.pem", "ca/sceau-ca.toml", "root-ca.pem"] {
        let before = fs::read(folder.join(precious)).unwrap();
        refused(folder, publish, &[precious], 73);
        let after = fs::read(folder.join(precious)).unwrap();
        // The database may take in its own write-ahead log; the audit below says that it is whole.
        let same = match precious {
            "ca/record.sqlite" => before[..16] == after[..16],
            _ => before == after,
        };
        assert!(same, "{precious}");
    }
    records(folder);
}
