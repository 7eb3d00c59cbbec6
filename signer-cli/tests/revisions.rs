//! `sceau verify --extract-revision` and `--diff` as somebody uses them who holds a document that was added to.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn sceau(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sceau"))
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap()
}

fn pdf() -> Vec<u8> {
    let objects = [
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>",
    ];
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::new();
    for (body, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 4\n0000000000 65535 f \n{table}trailer\n<</Size 4 /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

/// A folder with a document that was signed once, twice, and changed after that; `None` without openssl.
fn folder() -> Option<tempfile::TempDir> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    fs::write(
        path.join("req.cnf"),
        "[req]\ndistinguished_name=d\nx509_extensions=e\nprompt=no\n[d]\nCN=Acme\n[e]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n",
    )
    .unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:P-256", "-nodes", "-days", "30"])
        .args([
            "-config", "req.cnf", "-keyout", "key.pem", "-out", "cert.pem",
        ])
        .current_dir(path)
        .output();
    if !made.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: openssl not found");
        return None;
    }
    fs::write(path.join("plain.pdf"), pdf()).unwrap();
    for (input, output) in [("plain.pdf", "once.pdf"), ("once.pdf", "twice.pdf")] {
        let done = sceau(
            path,
            &[
                "sign", input, "--out", output, "--key", "key.pem", "--cert", "cert.pem",
                "--level", "b-b", "-q",
            ],
        );
        assert!(done.status.success(), "{done:?}");
    }
    let mut forged = fs::read(path.join("twice.pdf")).unwrap();
    let tail = String::from_utf8_lossy(&forged[forged.len() - 40..]).into_owned();
    let prev = tail
        .split("startxref")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    let at = forged.len();
    let page =
        "3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Resources <<>>>>\nendobj\n";
    forged.extend(page.bytes());
    let start = forged.len();
    forged.extend(format!("xref\n3 1\n{at:010} 00000 n \ntrailer\n<</Size 99 /Root 1 0 R /Prev {prev}>>\nstartxref\n{start}\n%%EOF\n").bytes());
    fs::write(path.join("forged.pdf"), forged).unwrap();
    Some(dir)
}

#[test]
fn what_is_taken_out_is_not_what_was_signed() {
    let Some(dir) = folder() else { return };
    let dir = dir.path();
    let read = |name: &str| fs::read(dir.join(name)).unwrap();
    for (which, same) in [
        ("1", "once.pdf"),
        ("signature-2", "twice.pdf"),
        ("revision-1", "plain.pdf"),
        ("revision-4", "forged.pdf"),
    ] {
        let done = sceau(
            dir,
            &[
                "verify",
                "forged.pdf",
                "--extract-revision",
                which,
                "--out",
                "out.pdf",
                "--force",
            ],
        );
        assert_eq!(done.status.code(), Some(0), "{which}: {done:?}");
        assert_eq!(read("out.pdf"), read(same), "{which}");
    }
    // pdfsig agrees that what was taken out is signed as a whole.
    let done = sceau(
        dir,
        &[
            "verify",
            "forged.pdf",
            "--extract-revision",
            "2",
            "--out",
            "two.pdf",
            "--json",
        ],
    );
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (
            said["schema"].as_str(),
            said["signature"].as_str(),
            said["revision"].as_u64()
        ),
        (Some("sceau.extract/1"), Some("signature-2"), Some(3))
    );
    if let Ok(judged) = Command::new("pdfsig")
        .args(["-nocert", "two.pdf"])
        .current_dir(dir)
        .output()
    {
        let text = String::from_utf8_lossy(&judged.stdout).into_owned();
        assert_eq!(text.matches("Signature is Valid.").count(), 2, "{text}");
        assert!(text.contains("Total document signed"), "{text}");
    }
}

#[test]
fn a_wrong_request_writes_something() {
    let Some(dir) = folder() else { return };
    let dir = dir.path();
    let mut broken = fs::read(dir.join("once.pdf")).unwrap();
    let at = broken.windows(7).position(|w| w == b"0 0 300").unwrap();
    broken[at + 4] = b'4';
    fs::write(dir.join("broken.pdf"), broken).unwrap();
    fs::write(dir.join("text.txt"), "no PDF").unwrap();
    fs::write(dir.join("there.pdf"), "kept").unwrap();
    for (arguments, exit, says) in [
        (
            vec!["forged.pdf", "--extract-revision", "3", "--out", "out.pdf"],
            65,
            "there is no signature 3",
        ),
        (
            vec![
                "forged.pdf",
                "--extract-revision",
                "revision-9",
                "--out",
                "out.pdf",
            ],
            65,
            "there is no revision 9",
        ),
        (
            vec!["plain.pdf", "--extract-revision", "1", "--out", "out.pdf"],
            3,
            "bears no signature",
        ),
        (
            vec!["broken.pdf", "--extract-revision", "1", "--out", "out.pdf"],
            1,
            "does not fit",
        ),
        (
            vec!["text.txt", "--extract-revision", "1", "--out", "out.pdf"],
            65,
            "neither a PDF",
        ),
        (
            vec!["gone.pdf", "--extract-revision", "1", "--out", "out.pdf"],
            74,
            "gone.pdf",
        ),
        (
            vec!["forged.pdf", "--extract-revision", "0", "--out", "out.pdf"],
            64,
            "counted from 1",
        ),
        (vec!["forged.pdf", "--extract-revision", "1"], 64, "--out"),
        (vec!["forged.pdf", "--diff", "--force"], 64, "--out"),
        (
            vec![
                "forged.pdf",
                "--extract-revision",
                "1",
                "--out",
                "out.pdf",
                "--diff",
            ],
            64,
            "--diff",
        ),
        (
            vec![
                "forged.pdf",
                "--extract-revision",
                "1",
                "--out",
                "there.pdf",
            ],
            73,
            "already exists",
        ),
        (
            vec![
                "forged.pdf",
                "--extract-revision",
                "1",
                "--out",
                "forged.pdf",
                "--force",
            ],
            73,
            "forged.pdf",
        ),
    ] {
        let before = fs::read(dir.join("forged.pdf")).unwrap();
        let done = sceau(dir, &[&["verify"], arguments.as_slice()].concat());
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(exit), "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?}: {text}");
        assert!(!dir.join("out.pdf").exists(), "{arguments:?}");
        assert_eq!(fs::read(dir.join("there.pdf")).unwrap(), b"kept");
        assert_eq!(fs::read(dir.join("forged.pdf")).unwrap(), before);
    }
}

#[test]
fn a_change_is_missing_from_the_words() {
    let Some(dir) = folder() else { return };
    let dir = dir.path();
    let arguments = [
        "verify",
        "forged.pdf",
        "--trust",
        "cert.pem",
        "--offline",
        "--revocation",
        "if-available",
        "--diff",
    ];
    let done = sceau(dir, &arguments);
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.code(), Some(1), "{text}");
    for wanted in [
        "What changed after each signature",
        "after signature-1:\n      the document was signed in a new field \"Signature2\"",
        "after signature-1 to signature-2:\n      /MediaBox of page 1 was changed [PDF_PAGES_CHANGED]",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let done = sceau(dir, &[&arguments[..], &["--report", "json"]].concat());
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let revisions = report["revisions"].as_array().unwrap();
    assert_eq!(revisions.len(), 4);
    assert_eq!(revisions[3]["changes"][0]["code"], "PDF_PAGES_CHANGED");
    assert_eq!(revisions[2]["signatures"][0], "signature-2");
    assert_eq!(
        report["signatures"][0]["errors"][0]["code"],
        "FORMAT_FAILURE"
    );
    let without = sceau(dir, &[&arguments[..7], &["--report", "json"]].concat());
    let report: serde_json::Value = serde_json::from_slice(&without.stdout).unwrap();
    assert!(report["revisions"].is_null());
}
