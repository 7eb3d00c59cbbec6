//! What only a running program shows: a locked database, a closed pipe, the stable JSON.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

fn json(folder: &Path, words: &str, more: &[&str]) -> Value {
    let text = support::done(folder, &format!("-C ca --json {words}"), more);
    serde_json::from_str(&text).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn a_database_that_another_program_locked_is_waited_for_and_then_named() {
    let home = tempfile::tempdir().unwrap();
    support::authority(home.path());
    let other = rusqlite::Connection::open(home.path().join("ca/record.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let issue = "-C ca --json issue --ca companies --profile company-seal \
                 --generate-key acme-key.pem --out acme.pem --subject";
    let output = support::sceau_ca(home.path(), issue, &[SUBJECT]);
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{error}");
    assert!(
        error["error"].as_str().unwrap().ends_with("is locked"),
        "{error}"
    );
    assert!(error["hint"].is_string(), "{error}");
    assert!(!home.path().join("acme.pem").exists());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(
        json(home.path(), "list --ca companies", &[]),
        Value::Array(vec![])
    );
}

/// The shapes that docs/sceau-ca.md promises.
#[test]
fn json_keeps_its_shape() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    let issue = "issue --ca companies --profile company-seal --generate-key acme-key.pem \
                 --out acme.pem --chain-out chain.pem --subject";
    let issued = json(folder, issue, &[SUBJECT]);
    assert_eq!(
        keys(&issued),
        [
            "serial",
            "authority",
            "profile",
            "subject",
            "notBefore",
            "notAfter",
            "sha256",
            "journalSeq",
            "out",
            "chainOut",
            "warnings"
        ]
    );
    let serial = issued["serial"].as_str().unwrap();
    let certificate = json(folder, &format!("show --serial {serial}"), &[]);
    assert_eq!(
        keys(&certificate),
        [
            "serial",
            "authority",
            "profile",
            "status",
            "subject",
            "notBefore",
            "notAfter",
            "sha256",
            "revocation"
        ]
    );
    assert_eq!(certificate["status"], "good");
    assert_eq!(certificate["revocation"], Value::Null);
    let revoke = format!("revoke --serial {serial} --reason superseded");
    let revoked = json(folder, &revoke, &[]);
    assert_eq!(keys(&revoked), ["certificate", "crl"]);
    assert_eq!(
        keys(&revoked["crl"]),
        ["number", "thisUpdate", "nextUpdate"]
    );
    let revocation = &revoked["certificate"]["revocation"];
    assert_eq!(
        keys(revocation),
        ["at", "reason", "invalidityDate", "requestedAt", "decidedAt"]
    );
    assert_eq!(revocation["reason"], "superseded");
    let crls = json(folder, "crl --all", &[]);
    assert_eq!(
        keys(&crls[0]),
        [
            "authority",
            "name",
            "file",
            "number",
            "thisUpdate",
            "nextUpdate",
            "base",
            "entries",
            "size",
            "out"
        ]
    );
    let authorities = json(folder, "ca list", &[]);
    assert_eq!(
        keys(&authorities[1]),
        [
            "name",
            "profile",
            "issuer",
            "subject",
            "serial",
            "notBefore",
            "notAfter",
            "sha256",
            "key",
            "crl",
            "state",
            "predecessor",
            "successor",
            "terminatedAt",
            "certificates"
        ]
    );
    assert_eq!(authorities[1]["key"], "keys/companies.pem");
    assert_eq!(
        keys(&json(folder, "audit verify", &[])),
        [
            "records",
            "head",
            "first",
            "root",
            "checkpoints",
            "covered",
            "unvouched",
            "timeStamps",
            "timeStamped"
        ]
    );
    assert_eq!(
        keys(&json(folder, "stats", &[])),
        [
            "authorities",
            "issued",
            "revoked",
            "suspended",
            "abandoned",
            "crls",
            "journalRecords",
            "decision",
            "crlPublication",
            "waitingForCrl",
            "longestWaitSeconds",
            "lateCrls"
        ]
    );
    assert_eq!(
        keys(&json(folder, "profile list", &[])[0]),
        ["name", "version", "origin", "sha256", "title"]
    );
    assert_eq!(
        keys(&json(folder, "profile show root-ca", &[])),
        ["name", "version", "sha256", "toml"]
    );
}

#[test]
fn a_reader_that_goes_away_ends_the_program_without_a_word() {
    // Gone before the program starts: its few lines would fit into the pipe.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut program = Command::new(support::PROGRAM)
        .args(["completions", "bash"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut stderr = program.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    assert_eq!(program.wait().unwrap().code(), Some(74));
}

#[test]
fn every_command_has_examples_in_its_help() {
    let commands = [
        "",
        "init",
        "ca create",
        "ca list",
        "ca show",
        "profile list",
        "profile show",
        "profile check",
        "issue",
        "list",
        "show",
        "revoke",
        "suspend",
        "resume",
        "crl",
        "ocsp-signer renew",
        "audit verify",
        "audit export",
        "audit key set",
        "audit key show",
        "audit checkpoint",
        "audit checkpoints",
        "audit prove",
        "audit check-proof",
        "stats",
        "backup",
        "restore",
        "migrate",
    ];
    let home = tempfile::tempdir().unwrap();
    for command in commands {
        let help = support::done(home.path(), &format!("{command} --help"), &[]);
        assert!(help.contains("\nExamples:\n"), "{command}: {help}");
    }
}

#[test]
fn the_journal_names_who_was_at_the_keyboard_and_no_secret() {
    let home = tempfile::tempdir().unwrap();
    support::authority(home.path());
    support::done(home.path(), "-C ca audit export --out journal.jsonl", &[]);
    let journal = fs::read_to_string(home.path().join("journal.jsonl")).unwrap();
    assert!(journal.contains("os-user "), "{journal}");
    assert!(!journal.contains(support::PIN));
}
