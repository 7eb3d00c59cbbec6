//! What the signer types and sees, errors first: every `tests/cmd/*.trycmd` is run as written.
//!
//! `TRYCMD=overwrite cargo test -p signer-cli --test transcripts` rewrites them; read the
//! difference.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

mod authority;
mod pdfs;

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use authority::{Authority, Behaviour};

const PASSPHRASE: &str = "correct horse";

#[test]
fn transcripts() {
    for (tool, args) in [("openssl", "version"), ("qpdf", "--version")] {
        if Command::new(tool).arg(args).output().is_err() {
            eprintln!("skipped: {tool} not found");
            return;
        }
    }
    let fixture = tempfile::tempdir().unwrap();
    make_fixture(fixture.path());

    let cases = trycmd::TestCases::new();
    cases.timeout(Duration::from_secs(60));
    cases.env("FIXTURE", fixture.path().to_str().unwrap());
    cases.env("PROGRAM", env!("CARGO_BIN_EXE_sceau"));
    cases.env("SCEAU_PIN", PASSPHRASE);
    cases.env("LC_ALL", "C");
    // Neither the settings nor the cache of whoever runs the tests.
    cases.env("XDG_CONFIG_HOME", "/dev/null");
    cases.env("XDG_CACHE_HOME", "/dev/null");
    cases.env("NO_PROXY", "127.0.0.1");
    let tsu = fixture.path().join("tsu.pem");
    for (name, variable, behaviour) in [
        ("good", "[GOOD]", Behaviour::Good),
        ("html", "[HTML]", Behaviour::Html),
        ("nonce", "[NONCE]", Behaviour::WrongNonce),
        ("rejection", "[REJECTION]", Behaviour::Rejection),
        ("endless", "[ENDLESS]", Behaviour::Endless),
    ] {
        let url = Authority::new(&tsu, behaviour).start();
        cases.env(format!("TSA_{name}"), &url);
        cases.insert_var(variable, url).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/bin/in-fixture");
    cases.register_bin("in-fixture", script.as_path());
    cases.case("tests/cmd/*.trycmd");
    cases.run();
}

/// Keys and certificates, and documents of every unwelcome kind.
fn make_fixture(dir: &Path) {
    let openssl = |args: &[&str]| run(dir, "openssl", args);
    let write = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).unwrap();
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "9",
        "-subj",
        "/C=MC/CN=Test CA",
        "-addext",
        "basicConstraints=critical,CA:TRUE",
        "-addext",
        "keyUsage=critical,keyCertSign",
    ]);
    for (name, usage, days) in [
        (
            "acme",
            "keyUsage=critical,digitalSignature,nonRepudiation",
            "9",
        ),
        ("other", "keyUsage=critical,digitalSignature", "9"),
        ("cipher", "keyUsage=critical,keyEncipherment", "9"),
        ("old", "keyUsage=critical,digitalSignature", "-1"),
        ("tsu", "extendedKeyUsage=critical,timeStamping", "900"),
    ] {
        let file = |suffix: &str| format!("{name}{suffix}");
        openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &file(".key"),
            "-out",
            &file(".csr"),
            "-subj",
            &format!("/C=MC/CN={name}"),
        ]);
        write("extensions", usage.as_bytes());
        // openssl 3.0 takes `-days -1`: a certificate that expired before it was made.
        let mut args = vec![
            "x509",
            "-req",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            "extensions",
        ];
        let (csr, out) = (file(".csr"), file(".cert"));
        args.extend(["-in", &csr, "-out", &out, "-days", days]);
        openssl(&args);
        let (key, encrypted) = (file(".key"), file(".enc"));
        openssl(&[
            "pkcs8",
            "-topk8",
            "-in",
            &key,
            "-out",
            &encrypted,
            "-passout",
            &format!("pass:{PASSPHRASE}"),
        ]);
        let together = [
            fs::read(dir.join(&encrypted)).unwrap(),
            fs::read(dir.join(&out)).unwrap(),
            fs::read(dir.join("ca.pem")).unwrap(),
        ]
        .concat();
        write(&file(".pem"), &together);
        for remove in [&key, &csr] {
            fs::remove_file(dir.join(remove)).unwrap();
        }
    }
    fs::rename(dir.join("acme.enc"), dir.join("bare.key")).unwrap();
    write("contract.pdf", CONTRACT.as_bytes());
    run(dir, "qpdf", &["contract.pdf", "--replace-input"]);
    run(
        dir,
        "qpdf",
        &[
            "--encrypt",
            "reader",
            "owner",
            "256",
            "--",
            "contract.pdf",
            "locked.pdf",
        ],
    );
    write("password.txt", b"reader\n");
    write("wrong.txt", b"not this one\n");
    write("notes.txt", b"Some notes.\n");
    write("empty.pdf", b"");
    write("empty.txt", b"");
    write("torn.pdf", b"%PDF-1.7\n1 0 obj\n<</Type /Catalog");
    pdfs::write(dir, PASSPHRASE);
    fs::create_dir(dir.join("folder")).unwrap();
    for name in ["a.pdf", "b.pdf", "torn.pdf"] {
        let from = if name == "torn.pdf" {
            "torn.pdf"
        } else {
            "contract.pdf"
        };
        fs::copy(dir.join(from), dir.join("folder").join(name)).unwrap();
    }
}

/// qpdf writes the cross-reference table anew.
const CONTRACT: &str = "%PDF-1.7
1 0 obj
<</Type /Catalog /Pages 2 0 R>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R] /Count 1>>
endobj
3 0 obj
<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>
endobj
trailer
<</Size 4 /Root 1 0 R>>
startxref
0
%%EOF
";

fn run(dir: &Path, program: &str, args: &[&str]) {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .env_remove("OPENSSL_CONF")
        .output()
        .unwrap();
    // qpdf ends with 3 where it repaired its input.
    let fine = output.status.success() || output.status.code() == Some(3);
    assert!(fine, "{program} {args:?}: {output:?}");
}

#[test]
fn completions_and_the_man_page_are_there() {
    for args in [
        &["completions", "bash"][..],
        &["manpage"],
        &["sign", "--help"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_sceau"))
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("sceau"));
    }
}
