//! The certification authority and the requests that the tests start from, made at test time.
#![allow(clippy::unwrap_used, dead_code)]

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

/// Runs `sceau-ca` in `folder`.
pub(crate) fn sceau_ca(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .current_dir(folder)
        .env("SCEAU_PIN", PIN)
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs `sceau-ca` in `folder`; it must succeed.
pub(crate) fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = sceau_ca(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes `ca/` with a root and an issuing authority for companies.
pub(crate) fn authority(folder: &Path) {
    let init = ["init", "ca", "--base-url", "http://pki.sceau.example"];
    done(folder, &init);
    let office = "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001";
    let root = format!("{office},CN=Example Root CA");
    let companies = format!("{office},CN=Example Companies CA");
    done(
        folder,
        &[
            "-C",
            "ca",
            "ca",
            "create",
            "root",
            "--profile",
            "root-ca",
            "--subject",
            &root,
            "--key",
            "ca/keys/root.pem",
            "--out",
            "root-ca.pem",
        ],
    );
    done(
        folder,
        &[
            "-C",
            "ca",
            "ca",
            "create",
            "companies",
            "--profile",
            "issuing-ca",
            "--issuer",
            "root",
            "--subject",
            &companies,
            "--key",
            "ca/keys/companies.pem",
            "--out",
            "companies-ca.pem",
        ],
    );
}

/// Makes requests, good and bad, with openssl.
pub(crate) fn requests(folder: &Path) {
    for (name, key) in [
        ("acme", ["ec", "ec_paramgen_curve:P-256"]),
        ("mallory", ["ec", "ec_paramgen_curve:P-256"]),
        ("weak", ["rsa", "rsa_keygen_bits:1024"]),
    ] {
        let (key_file, csr) = (format!("{name}.key"), format!("{name}.csr"));
        openssl(
            folder,
            &[
                "genpkey",
                "-algorithm",
                key[0],
                "-pkeyopt",
                key[1],
                "-out",
                &key_file,
            ],
        );
        let subject = "/C=MC/O=Acme SAM/organizationIdentifier=NTRMC-00S03813/CN=Acme SAM";
        let request = [
            "req", "-new", "-key", &key_file, "-subj", subject, "-out", &csr,
        ];
        openssl(folder, &request);
    }
    // Mallory's signature under the key of Acme.
    let der = |name: &str| {
        openssl(
            folder,
            &["req", "-in", &format!("{name}.csr"), "-outform", "DER"],
        )
    };
    let public = |name: &str| {
        let key_file = format!("{name}.key");
        openssl(
            folder,
            &["pkey", "-in", &key_file, "-pubout", "-outform", "DER"],
        )
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
    openssl(
        folder,
        &[
            "req",
            "-x509",
            "-key",
            "mallory.key",
            "-subj",
            "/CN=Mallory",
            "-out",
            "mallory.pem",
        ],
    );
}

/// Runs openssl in `folder` and returns what it printed.
pub(crate) fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {errors}");
    output.stdout
}
