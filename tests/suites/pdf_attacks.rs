//! Published samples of attacks on PDF signatures, before the whole program: none is valid over what is shown, each is called by
//! its name, and the document as it was signed can be taken out of those that still hold it.
//!
//! The victim trusts whoever signed: every certificate in a sample becomes a trust anchor. `exceptions/pdf-attacks.toml` gives the
//! reason for each sample that goes differently, and the run fails on a difference in either direction.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sceau_tests::corpus;
use sceau_tests::environment::{Need, available, project, sceau_program};
use sceau_tests::exceptions::Exceptions;
use serde_json::Value;

/// How long one sample may take.
const LIMIT: Duration = Duration::from_secs(20);

/// What the first part of a sample's name stands for (`SOURCE.txt` of the corpus), and the code of that attack.
const NAMES: [(&str, &str); 3] = [
    ("isa", "PDF_INCREMENTAL_SAVING"),
    ("siwa", "PDF_SIGNATURE_WRAPPING"),
    ("usf", "PDF_UNIVERSAL_FORGERY"),
];

#[test]
fn a_published_attack_is_valid_or_goes_without_its_name() -> Result<()> {
    let Some(folder) = corpus::find("pdf-attacks") else {
        return Ok(());
    };
    if !available(&[Need::Tool("openssl")]) {
        return Ok(());
    }
    let files = corpus::files(&folder, "pdf")?;
    ensure!(!files.is_empty(), "{} holds no PDF", folder.display());
    let scratch = tempfile::tempdir()?;
    let mut happened = BTreeMap::new();
    for (name, path) in files {
        let failure = judge(&name, &path, scratch.path()).with_context(|| name.clone())?;
        happened.insert(name, failure);
    }
    let list = Exceptions::load(&project().join("tests/exceptions/pdf-attacks.toml"))?;
    let differences = list.differences(&happened);
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

fn judge(name: &str, path: &Path, scratch: &Path) -> Result<Option<String>> {
    let trust = signers(path, scratch)?;
    let outcome = sceau_program("sceau")?
        .arg("verify")
        .arg(path)
        .arg("--trust")
        .arg(&trust)
        .args([
            "--offline",
            "--revocation",
            "if-available",
            "--report",
            "json",
            "--diff",
        ])
        .limit(LIMIT)
        .run()?;
    ensure!(!outcome.hung && !outcome.crashed(), "{outcome}");
    let report: Value = serde_json::from_slice(&outcome.stdout).context(outcome.err())?;
    if report["indication"] == "TOTAL-PASSED" || outcome.success() {
        return Ok(Some("valid".into()));
    }
    let empty = Vec::new();
    let signatures = report["signatures"].as_array().unwrap_or(&empty);
    ensure!(!signatures.is_empty(), "no signature was found");
    let codes: Vec<&str> = signatures
        .iter()
        .flat_map(|s| s["errors"].as_array().unwrap_or(&empty))
        .filter_map(|e| e["code"].as_str())
        .collect();
    let wanted = NAMES
        .iter()
        .find(|(kind, _)| name.split('_').next() == Some(kind))
        .map(|(_, code)| code)
        .context("a sample of an unknown kind")?;
    if !codes.contains(wanted) {
        return Ok(Some(format!("unnamed: {codes:?} instead of {wanted}")));
    }
    extract(path, signatures, scratch)
}

/// The document as it was signed is a prefix of the file, or is refused and nothing is written.
fn extract(path: &Path, signatures: &[Value], scratch: &Path) -> Result<Option<String>> {
    let out = scratch.join("as-signed.pdf");
    let _ = std::fs::remove_file(&out);
    let outcome = sceau_program("sceau")?
        .arg("verify")
        .arg(path)
        .args(["--extract-revision", "1", "--out"])
        .arg(&out)
        .limit(LIMIT)
        .run()?;
    if !outcome.success() {
        ensure!(!out.exists() && !outcome.crashed(), "{outcome}");
        return Ok(None);
    }
    let (whole, part) = (std::fs::read(path)?, std::fs::read(&out)?);
    ensure!(whole.starts_with(&part) && part.len() < whole.len());
    ensure!(signatures[0]["signedBytes"] == part.len(), "{outcome}");
    Ok(None)
}

/// A file with every certificate in the sample's signatures, or with one of nobody's where there is none.
fn signers(path: &Path, scratch: &Path) -> Result<PathBuf> {
    let bytes = std::fs::read(path)?;
    let mut pem = Vec::new();
    for at in 0..bytes.len() {
        if !bytes[at..].starts_with(b"/Contents") {
            continue;
        }
        let rest = bytes[at + 9..].trim_ascii_start();
        let digits: Vec<u8> = match rest.strip_prefix(b"<") {
            Some(rest) => rest
                .iter()
                .copied()
                .take_while(u8::is_ascii_hexdigit)
                .collect(),
            None => continue,
        };
        let der: Vec<u8> = digits
            .chunks_exact(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let cms = scratch.join("contents.der");
        std::fs::write(&cms, der)?;
        let printed = Command::new("openssl")
            .args(["pkcs7", "-inform", "DER", "-print_certs", "-in"])
            .arg(&cms)
            .output()?;
        pem.extend(printed.stdout);
    }
    let file = scratch.join("trust.pem");
    if pem.windows(5).any(|w| w == b"BEGIN") {
        std::fs::write(&file, pem)?;
        return Ok(file);
    }
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args(["-subj", "/CN=Nobody", "-keyout", "/dev/null", "-out"])
        .arg(&file)
        .output()?;
    ensure!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    Ok(file)
}
