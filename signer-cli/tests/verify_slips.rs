//! `sceau verify` in a hurry and among strangers: outputs that are named as inputs, names that are no text, evidence
//! that is not there, servers that do not answer. Nothing that was given may be lost or left out without a word.
#![allow(clippy::unwrap_used)]

mod common;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use common::{Office, refused, succeeded, there};
use serde_json::Value;

fn sceau(office: &Office, args: &[impl AsRef<OsStr>]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sceau"))
        .args(args)
        .current_dir(office.path(""))
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("XDG_CACHE_HOME", "/dev/null")
        .output()
        .unwrap()
}

fn verify(office: &Office, args: &[&str]) -> Output {
    let common = ["verify", "--revocation", "if-available", "--offline"];
    sceau(office, &[&common, args].concat())
}

fn signed() -> Option<Office> {
    if !there(&["openssl"]) {
        return None;
    }
    let office = Office::new();
    let sign = ["contract.pdf", "--out", "a.pdf", "--key", "acme.p12"];
    succeeded(&office.sign(&sign).output().unwrap());
    Some(office)
}

#[test]
fn a_slip_with_force_costs_an_anchor_or_a_policy() {
    let Some(office) = signed() else { return };
    office.write("roots/root.pem", &office.read("root.pem"));
    office.write("policy.toml", b"schema = \"sceau.policy/1\"\n");
    office.write("settings.toml", b"language = \"en\"\n");
    office.write("password", b"none\n");
    let crl = "-----BEGIN X509 CRL-----\n";
    office.write("crls/other.txt", crl.as_bytes());
    let given = [
        "a.pdf",
        "--trust",
        "root.pem",
        "--trust",
        "roots",
        "--cert",
        "issuing.pem",
        "--crl",
        "crls",
        "--policy",
        "policy.toml",
        "--settings",
        "settings.toml",
        "--password-file",
        "password",
    ];
    for out in [
        "a.pdf",
        "root.pem",
        "roots/root.pem",
        "issuing.pem",
        "crls/other.txt",
        "policy.toml",
        "settings.toml",
        "password",
    ] {
        let before = office.read(out);
        let report = ["--report", "html", "--force", "--out", out];
        let said = refused(&verify(&office, &[&given[..], &report].concat()), 73);
        assert!(said.contains(out), "{said}");
        assert_eq!(office.read(out), before, "{out}");
    }
    let report = ["--report", "html", "--force", "--out", "a.html"];
    let output = verify(&office, &[&given[..], &report].concat());
    succeeded(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("TOTAL-PASSED"));
    let extract = [
        "verify",
        "a.pdf",
        "--extract-revision",
        "1",
        "--password-file",
        "password",
    ];
    let extract = [&extract[..], &["--force", "--out", "password"]].concat();
    refused(&sceau(&office, &extract), 73);
}

#[test]
fn the_name_of_a_file_moves_the_cursor() {
    let Some(office) = signed() else { return };
    let evil = "x\u{1b}[2J\u{9b}2J\n\u{2028}\u{202e}\u{e0041}fdp.pdf";
    office.write(evil, &office.read("a.pdf"));
    let hides = |c: char| c != '\n' && pki_asn1::name::is_unseen(c);
    let trust = ["--trust", "root.pem", "--cert", "issuing.pem", "--offline"];
    let lines = |args: &[&str]| {
        let output = sceau(&office, args);
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert!(!told.contains(hides), "{args:?}: {told:?}");
        told
    };
    let one = lines(&["inspect", evil]);
    let plain = lines(&["inspect", "a.pdf"]);
    assert_eq!(one.lines().count(), plain.lines().count(), "{one}");
    lines(&["inspect", evil, "--asn1"]);
    lines(&[
        "verify",
        evil,
        "--extract-revision",
        "1",
        "--out",
        "\u{202e}out.pdf",
    ]);
    lines(&[
        "verify",
        evil,
        "--extract-revision",
        "7",
        "--out",
        "out.pdf",
    ]);
    for form in ["text", "html", "json", "json-lines"] {
        let told = lines(&[&["verify", evil, "--report", form][..], &trust].concat());
        if form == "json" {
            let json: Value = serde_json::from_str(&told).unwrap();
            assert_eq!(json["file"], evil);
        }
    }
    lines(&[&["verify", evil, "a.pdf", "--details", "all"][..], &trust].concat());
    let raw = OsString::from_vec(b"caf\xe9.pdf".to_vec());
    std::fs::write(office.path(&raw), office.read("a.pdf")).unwrap();
    let told = sceau(&office, &[OsStr::new("inspect"), &raw]);
    assert!(String::from_utf8_lossy(&told.stdout).starts_with("caf\u{fffd}.pdf: PDF"));
}

#[test]
fn evidence_in_a_folder_is_left_out_without_a_word() {
    let Some(office) = signed() else { return };
    let crls = |folder: &str| {
        let output = verify(
            &office,
            &[
                "a.pdf",
                "--trust",
                "root.pem",
                "--cert",
                "issuing.pem",
                "--crl",
                folder,
            ],
        );
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    office.write("crls/README", b"what is here\n");
    assert_eq!(crls("crls"), (Some(0), String::new()));
    office.write("crls/ca.crl", b"half a list");
    let (exit, said) = crls("crls");
    assert_eq!(exit, Some(0));
    assert!(
        said.starts_with("warning: left out: ") && said.contains("ca.crl"),
        "{said}"
    );
    symlink("nowhere", office.path("crls/gone.crl")).unwrap();
    assert!(crls("crls").1.contains("gone.crl"));
    // A regular file that cannot be read, whoever asks.
    office.write("locked/README", b"what is here\n");
    symlink("/proc/self/mem", office.path("locked/ca.crl")).unwrap();
    let (exit, said) = crls("locked");
    assert_eq!(exit, Some(74), "{said}");
    assert!(
        said.contains("cannot read") && said.contains("locked/ca.crl"),
        "{said}"
    );
}

#[test]
fn an_empty_file_spoils_a_folder() {
    let Some(office) = signed() else { return };
    office.write("in/a.pdf", &office.read("a.pdf"));
    office.write("in/.keep", b"");
    office.write("in/empty.txt", b"");
    let trust = ["--trust", "root.pem", "--cert", "issuing.pem"];
    let output = verify(&office, &[&["in"][..], &trust].concat());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("the file is empty"), "{told}");
    assert!(
        told.ends_with("1 TOTAL-PASSED, 0 INDETERMINATE, 0 TOTAL-FAILED, 1 without a signature\n"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(3));
    office.write("in/empty.pdf", b"");
    let output = verify(&office, &[&["in"][..], &trust].concat());
    assert_eq!(output.status.code(), Some(65));
}

/// Nobody listens at port 1 of this machine.
#[test]
fn a_server_that_does_not_answer_is_not_named_or_nothing_is_said_to_do() {
    let Some(office) = signed() else { return };
    let usage = "keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\n";
    let hint = |extensions: &str, given: &[&str]| {
        office.certify(
            "acme",
            "asks",
            "issuing",
            &format!("{usage}{extensions}\n"),
            "9",
        );
        let key = [office.read("asks.pem"), office.read("acme.key")].concat();
        office.write("asks-key.pem", &key);
        let sign = [
            "contract.pdf",
            "--key",
            "asks-key.pem",
            "--out",
            "asks.pdf",
            "--force",
        ];
        succeeded(&office.sign(&sign).output().unwrap());
        let common = [
            "verify", "asks.pdf", "--trust", "root.pem", "--proxy", "none", "--json",
        ];
        let output = sceau(&office, &[&common[..], given].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2));
        json["signatures"][0]["errors"][0]["hint"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let issuer = hint(
        "authorityInfoAccess=caIssuers;URI:http://127.0.0.1:1/ca.cer",
        &[],
    );
    assert!(
        issuer.starts_with("asked in vain: ") && issuer.contains("127.0.0.1:1/ca.cer"),
        "{issuer}"
    );
    assert!(
        issuer.contains("give the certificate of CN=issuing, C=MC with --cert"),
        "{issuer}"
    );
    let below = ["--cert", "issuing.pem", "--policy", "policy.toml"];
    office.write("policy.toml", b"");
    let status = hint(
        "crlDistributionPoints=URI:http://127.0.0.1:1/ca.crl",
        &below,
    );
    assert!(
        status.starts_with("asked in vain: ") && status.contains("127.0.0.1:1/ca.crl"),
        "{status}"
    );
    assert!(
        status.ends_with("try again later, or give a CRL of CN=issuing, C=MC with --crl"),
        "{status}"
    );
    let directory = hint(
        "crlDistributionPoints=URI:ldap://directory.example/ca",
        &below,
    );
    assert!(
        directory.contains("is not fetched: ldap://directory.example/ca"),
        "{directory}"
    );
}

#[test]
fn a_folder_is_taken_for_a_list_or_for_its_first_certificate() {
    let Some(office) = signed() else { return };
    let trust = ["--trust", "root.pem"];
    let output = verify(&office, &[&["--from", "."][..], &trust].concat());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("cannot read the list .") && told.lines().count() == 3,
        "{told}"
    );
    assert_eq!(output.status.code(), Some(74));
    refused(
        &sceau(&office, &[&["verify-path", "."][..], &trust].concat()),
        65,
    );
    let said = refused(&verify(&office, &[&["-"][..], &trust].concat()), 74);
    assert!(said.contains("through a pipe"), "{said}");
}
