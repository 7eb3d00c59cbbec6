//! The certification authority and the requests that the tests start from, made at test time.
#![allow(clippy::unwrap_used, clippy::print_stderr, dead_code)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sceau-ca");

/// What protects every key of the fixture.
pub(crate) const PIN: &str = "correct horse battery staple";

/// Whether a tool is there; says so where it is not.
pub(crate) fn has(tool: &str, arguments: &[&str]) -> bool {
    let found = Command::new(tool)
        .args(arguments)
        .output()
        .is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: {tool} not found");
    }
    found
}

/// Runs `sceau-ca` in `folder` with these words, then these arguments that may have spaces.
pub(crate) fn sceau_ca(folder: &Path, words: &str, more: &[&str]) -> Output {
    Command::new(PROGRAM)
        .current_dir(folder)
        .env("SCEAU_PIN", PIN)
        .args(words.split_whitespace())
        .args(more)
        .output()
        .unwrap()
}

/// As [`sceau_ca`]; it must succeed.
pub(crate) fn done(folder: &Path, words: &str, more: &[&str]) -> String {
    let output = sceau_ca(folder, words, more);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words} {more:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes `ca/` with a root and an issuing authority for companies.
pub(crate) fn authority(folder: &Path) {
    done(folder, "init ca --base-url http://pki.sceau.example", &[]);
    authorities(folder);
}

/// Makes the two in `ca/`, which is there.
pub(crate) fn authorities(folder: &Path) {
    let office = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001";
    let root = "-C ca ca create root --profile root-ca --key ca/keys/root.pem \
                --out root-ca.pem --subject";
    done(folder, root, &[&format!("{office},CN=Example Root CA")]);
    let companies = "-C ca ca create companies --profile issuing-ca --issuer root \
                     --key ca/keys/companies.pem --out companies-ca.pem --subject";
    done(
        folder,
        companies,
        &[&format!("{office},CN=Example Companies CA")],
    );
}

/// Makes requests, good and bad, with openssl.
pub(crate) fn requests(folder: &Path) {
    for (name, key) in [
        ("acme", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ("mallory", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ("weak", "rsa -pkeyopt rsa_keygen_bits:1024"),
    ] {
        let generate = format!("genpkey -algorithm {key} -out {name}.key");
        openssl(folder, &generate, &[]);
        let request = format!("req -new -key {name}.key -out {name}.csr -subj");
        let subject = "/C=MC/O=Acme SAM/organizationIdentifier=NTRMC-00S03813/CN=Acme SAM";
        openssl(folder, &request, &[subject]);
    }
    // Mallory's signature under the key of Acme.
    let der = |name| openssl(folder, &format!("req -in {name}.csr -outform DER"), &[]);
    let public = |name| {
        let extract = format!("pkey -in {name}.key -pubout -outform DER");
        openssl(folder, &extract, &[])
    };
    let (acme, mallory) = (public("acme"), public("mallory"));
    let point = |spki: &[u8]| spki[spki.len() - 65..].to_vec();
    let mut stolen = der("mallory");
    let (theirs, hers) = (point(&acme), point(&mallory));
    let at = stolen.windows(65).position(|w| w == hers).unwrap();
    stolen[at..at + 65].copy_from_slice(&theirs);
    fs::write(folder.join("stolen.csr"), stolen).unwrap();
    // Half a request, and none at all.
    let mut half = der("acme");
    half.truncate(half.len() / 2);
    fs::write(folder.join("corrupt.csr"), half).unwrap();
    fs::write(folder.join("empty.csr"), b"").unwrap();
    // A certificate of somebody else's.
    let self_signed = "req -x509 -key mallory.key -out mallory.pem -subj /CN=Mallory";
    openssl(folder, self_signed, &[]);
}

/// Makes the keys of operators with openssl, and a profile that somebody else must approve.
pub(crate) fn operators(folder: &Path) {
    for name in ["anna", "bert", "cleo", "rita", "sven"] {
        let generate = format!(
            "genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -aes256 -out {name}.key -pass"
        );
        let passphrase = format!("pass:{PIN}");
        openssl(folder, &generate, &[&passphrase]);
        let public = format!("pkey -in {name}.key -pubout -out {name}.pub -passin");
        openssl(folder, &public, &[&passphrase]);
    }
    let seal = include_str!("../../../ca-core/profiles/company-seal.toml");
    let strict = seal.replace("name = \"company-seal\"", "name = \"strict-seal\"")
        + "duplicate-subject = \"refuse\"\n";
    fs::write(folder.join("strict-seal.toml"), strict).unwrap();
    fs::write(folder.join("extract.pdf"), b"an extract of the register").unwrap();
}

/// Runs openssl in `folder` with these words and arguments; what it printed.
pub(crate) fn openssl(folder: &Path, words: &str, more: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(words.split_whitespace())
        .args(more)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {words}: {errors}");
    output.stdout
}
