//! `--prepare` and `--complete`: openssl signs what was prepared, with keys that the program never
//! sees; openssl and pdfsig judge what was completed.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod authority;
mod common;

use std::fs;

use authority::{Authority, Behaviour};
use common::{Office, PASSPHRASE, refused, succeeded, there};
use serde_json::Value;

/// A key that openssl holds, what it is told to sign with, and what we are.
struct Elsewhere {
    name: &'static str,
    key: &'static [&'static str],
    algorithm: Option<&'static str>,
    sign: &'static [&'static str],
}

const KEYS: [Elsewhere; 5] = [
    Elsewhere {
        name: "p256",
        key: &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        algorithm: None,
        sign: &[],
    },
    Elsewhere {
        name: "p384",
        key: &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        algorithm: Some("ecdsa-sha384"),
        sign: &[],
    },
    Elsewhere {
        name: "rsa",
        key: &["rsa:3072"],
        algorithm: None,
        sign: &["-pkeyopt", "digest:sha256"],
    },
    Elsewhere {
        name: "pss",
        key: &["rsa:3072"],
        algorithm: Some("rsa-pss-sha512"),
        sign: &[
            "-pkeyopt",
            "rsa_padding_mode:pss",
            "-pkeyopt",
            "digest:sha512",
            "-pkeyopt",
            "rsa_pss_saltlen:64",
        ],
    },
    Elsewhere {
        name: "ed25519",
        key: &["ed25519"],
        algorithm: None,
        sign: &["-rawin"],
    },
];

const USAGE: &str =
    "keyUsage=critical,digitalSignature,nonRepudiation\nauthorityKeyIdentifier=keyid\n";

fn with_key(office: &Office, key: &Elsewhere) {
    let (file, csr) = (format!("{}.key", key.name), format!("{}.csr", key.name));
    let subject = format!("/C=MC/CN={}", key.name);
    let mut args = vec!["req", "-nodes", "-subj", &subject, "-keyout", &file];
    args.extend(["-out", &csr, "-newkey"]);
    args.extend(key.key);
    office.openssl(&args);
    office.certify(key.name, key.name, "issuing", USAGE, "9");
}

/// Prepares with the certificate alone, has openssl sign, completes.
fn sign_apart(office: &Office, key: &Elsewhere, args: &[&str], complete: &[&str]) {
    for file in ["state.json", "tbs.bin", "signature.bin"] {
        let _ = fs::remove_file(office.path(file));
    }
    let certificate = format!("{}.pem", key.name);
    let bytes = if key.algorithm.is_none() && key.name == "ed25519" {
        "--dtbs"
    } else {
        "--dtbsr"
    };
    let mut prepare = args.to_vec();
    prepare.extend(["--prepare", "state.json", "--cert", &certificate]);
    prepare.extend([
        "--chain",
        "issuing.pem",
        "--chain",
        "root.pem",
        bytes,
        "tbs.bin",
    ]);
    if let Some(algorithm) = key.algorithm {
        prepare.extend(["--algorithm", algorithm]);
    }
    succeeded(&office.sign(&prepare).output().unwrap());
    let private = format!("{}.key", key.name);
    let mut sign = vec!["pkeyutl", "-sign", "-inkey", &private, "-in", "tbs.bin"];
    sign.extend(["-out", "signature.bin"]);
    sign.extend(key.sign);
    office.openssl(&sign);
    let mut args = vec!["--complete", "state.json", "--signature", "signature.bin"];
    args.extend(complete);
    succeeded(&office.sign(&args).output().unwrap());
}

fn judged_by_pdfsig(office: &Office, pdf: &str) {
    if there(&["pdfsig"]) {
        let judged = office.tool("pdfsig").args(["-nocert", pdf]).output();
        let judged = String::from_utf8(judged.unwrap().stdout).unwrap();
        assert!(judged.contains("Signature is Valid"), "{judged}");
        assert!(judged.contains("Total document signed"), "{judged}");
    }
}

#[test]
fn a_signature_made_by_openssl_does_not_complete_or_verify() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    for key in &KEYS {
        with_key(&office, key);
        let out = format!("{}.p7s", key.name);
        sign_apart(&office, key, &["notes.txt"], &["--out", &out]);
        // This release of openssl signs with Ed25519 and does not verify a CMS with it; that the
        // key's signature was accepted is then what is tested.
        if key.name != "ed25519" {
            let carried = office.verified_subjects(&out, "notes.txt");
            assert!(carried.contains(key.name) && carried.contains("issuing"));
        }

        let out = format!("{}.p7m", key.name);
        sign_apart(&office, key, &["notes.txt", "--attached"], &["--out", &out]);
        if key.name != "ed25519" {
            office.openssl(&[
                "cms",
                "-verify",
                "-binary",
                "-cades",
                "-inform",
                "DER",
                "-in",
                &out,
                "-CAfile",
                "root.pem",
                "-purpose",
                "any",
                "-out",
                "extracted",
            ]);
            assert_eq!(office.read("extracted"), office.read("notes.txt"));
        }

        let out = format!("{}.pdf", key.name);
        let args = ["contract.pdf", "--reason", "Agreed", "--field", "Buyer"];
        sign_apart(&office, key, &args, &["--out", &out]);
        // NSS, which pdfsig asks, knows no Ed25519.
        if key.name != "ed25519" {
            judged_by_pdfsig(&office, &out);
        }
    }
}

#[test]
fn the_level_that_was_prepared_is_not_reached() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    with_key(&office, &KEYS[0]);
    office.openssl(&[
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "tsu.key",
        "-out",
        "tsu.csr",
        "-subj",
        "/CN=TSU",
    ]);
    office.certify(
        "tsu",
        "tsu",
        "issuing",
        "extendedKeyUsage=critical,timeStamping\n",
        "9",
    );
    let both = [office.read("tsu.key"), office.read("tsu.pem")].concat();
    office.write("tsu.both.pem", &both);
    let tsa = Authority::new(&office.path("tsu.both.pem"), Behaviour::Good).start();
    for input in ["contract.pdf", "notes.txt"] {
        let complete = ["--out", "stamped", "--tsa", &tsa, "--force", "--json"];
        sign_apart(&office, &KEYS[0], &[input, "--level", "b-t"], &complete);
        let args = ["--complete", "state.json", "--signature", "signature.bin"];
        let said = refused(&office.sign(&args).output().unwrap(), 64);
        assert!(said.contains("level b-t"), "{said}");
        let args = [&args[..], &complete].concat();
        let output = office.sign(&args).output().unwrap();
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(made["level"], "B-T", "{made}");
    }
    sign_apart(&office, &KEYS[0], &["contract.pdf"], &["--out", "b-b.pdf"]);
    let args = ["--complete", "state.json", "--signature", "signature.bin"];
    let args = [&args[..], &["--tsa", &tsa]].concat();
    let said = refused(&office.sign(&args).output().unwrap(), 64);
    assert!(said.contains("prepared for level b-b"), "{said}");
}

#[test]
fn several_documents_prepared_together_get_each_others_signatures() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    with_key(&office, &KEYS[0]);
    for name in ["one", "two", "three"] {
        office.write(format!("letters/{name}.txt"), name.as_bytes());
    }
    let args = ["letters", "--prepare", "state.json", "--cert", "p256.pem"];
    let args = [&args[..], &["--chain", "issuing.pem", "--json"]].concat();
    let output = office.sign(&args).output().unwrap();
    succeeded(&output);
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let documents = shown["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 3);
    let mut lines = String::new();
    for document in documents {
        let digest = document["digest"].as_str().unwrap();
        office.write("digest.b64", format!("{digest}\n").as_bytes());
        office.openssl(&["base64", "-d", "-in", "digest.b64", "-out", "digest"]);
        office.openssl(&[
            "pkeyutl",
            "-sign",
            "-inkey",
            "p256.key",
            "-in",
            "digest",
            "-out",
            "signature",
        ]);
        office.openssl(&["base64", "-A", "-in", "signature", "-out", "signature.b64"]);
        lines += str::from_utf8(&office.read("signature.b64")).unwrap();
        lines += "\n";
    }
    office.write("signatures", lines.as_bytes());
    let args = ["--complete", "state.json", "--signature", "signatures"];
    let args = [&args[..], &["--out-dir", "sealed"]].concat();
    succeeded(&office.sign(&args).output().unwrap());
    for name in ["one", "two", "three"] {
        office.verified_subjects(
            &format!("sealed/{name}.txt.p7s"),
            &format!("letters/{name}.txt"),
        );
    }
    // In another order: none of them is written.
    let reversed: String = lines
        .lines()
        .rev()
        .map(|line| format!("{line}\n"))
        .collect();
    office.write("signatures", reversed.as_bytes());
    let args = [&args[..4], &["--out-dir", "mixed"]].concat();
    let said = refused(&office.sign(&args).output().unwrap(), 1);
    assert!(
        said.contains("is not one that the key of CN=p256"),
        "{said}"
    );
    assert_eq!(office.names("mixed").len(), 1, "the middle one is its own");
    // One is missing.
    office.write("signatures", lines.lines().next().unwrap().as_bytes());
    let said = refused(&office.sign(&args).output().unwrap(), 64);
    assert!(
        said.contains("1 signatures were given, and 3 documents"),
        "{said}"
    );
}

#[test]
fn what_changed_between_the_steps_is_completed() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    with_key(&office, &KEYS[0]);
    sign_apart(&office, &KEYS[0], &["contract.pdf"], &["--out", "good.pdf"]);
    let complete = ["--complete", "state.json", "--signature", "signature.bin"];
    let complete = [&complete[..], &["--out", "out.pdf"]].concat();
    let refused = |exit| {
        let said = refused(&office.sign(&complete).output().unwrap(), exit);
        assert!(!office.path("out.pdf").exists());
        said
    };

    let document = office.read("contract.pdf");
    office.write("contract.pdf", &[&document[..], b"\n"].concat());
    let said = refused(65);
    assert!(said.contains("its length differs"), "{said}");
    let mut other = document.clone();
    other[120] ^= 1;
    office.write("contract.pdf", &other);
    let said = refused(65);
    assert!(said.contains("its digest differs"), "{said}");
    office.write("contract.pdf", &document);

    let signature = office.read("signature.bin");
    let mut other = signature.clone();
    other[20] ^= 1;
    office.write("signature.bin", &other);
    let said = refused(65);
    assert!(said.contains("ECDSA with SHA-256"), "{said}");
    office.write("signature.bin", b"");
    refused(65);
    office.write("signature.bin", &signature);

    let state = office.read("state.json");
    for damaged in [
        &b""[..],
        b"{}",
        b"\0\xff",
        &state[..state.len() / 2],
        String::from_utf8(state.clone())
            .unwrap()
            .replace("prepared/1", "prepared/9")
            .as_bytes(),
    ] {
        office.write("state.json", damaged);
        let said = refused(65);
        assert!(
            said.contains("state.json is not what --prepare wrote"),
            "{said}"
        );
    }
    office.write("state.json", &state);
    // Elsewhere by now, and still the same document.
    office.write("moved/contract.pdf", &document);
    fs::remove_file(office.path("contract.pdf")).unwrap();
    refused(74);
    let args = [&["moved/contract.pdf"][..], &complete].concat();
    succeeded(&office.sign(&args).output().unwrap());
    judged_by_pdfsig(&office, "out.pdf");
    let secret = String::from_utf8(state).unwrap();
    assert!(!secret.contains("PRIVATE") && !secret.contains(PASSPHRASE));
}

#[test]
fn a_certificate_that_cannot_sign_is_prepared_with() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let prepare = ["contract.pdf", "--prepare", "state.json", "--cert"];
    for (args, exit, what) in [
        (&["before.pem"][..], 65, "expired"),
        (&["issuing.pem"], 65, "certificate authority"),
        (
            &["acme.pem", "--algorithm", "rsa-sha256"],
            65,
            "does not sign with RSA",
        ),
        (
            &["acme.pem", "--level", "b-lta"],
            64,
            "level b-lta cannot be prepared",
        ),
        (
            &["acme.pem", "--dtbsr", "contract.pdf"],
            73,
            "is an input itself",
        ),
    ] {
        let args = [&prepare[..], args].concat();
        let said = refused(&office.sign(&args).output().unwrap(), exit);
        assert!(said.contains(what), "{said}");
        assert!(!office.path("state.json").exists());
    }
    let args = [&prepare[..], &["acme.pem", "notes.txt", "--dtbs", "x"]].concat();
    let said = refused(&office.sign(&args).output().unwrap(), 64);
    assert!(said.contains("for one document"), "{said}");
}
