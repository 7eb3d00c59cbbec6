//! CMS of other people before the whole program, with `openssl cms -verify` as the judge: the examples of RFC 4134 and OpenSSL's own
//! test data (BER, several signers, counter-signatures, DSA with inherited parameters, key identifiers, messages, certificates alone).
//!
//! `exceptions/cms.toml` gives the reason for each file about which the two differ, and the run fails on a difference in either
//! direction.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sceau_tests::corpus;
use sceau_tests::environment::{Need, available, project, sceau_program};
use sceau_tests::exceptions::Exceptions;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(20);
/// When the certificates of RFC 4134 and its algorithms were good.
const AT: &str = "2003-01-01T00:00:00Z";
/// What the detached examples of RFC 4134 are over.
const CONTENT: &str = "ExContent.bin";
/// Certificates of RFC 4134 that stand beside the examples.
const PEOPLE: [&str; 3] = [
    "AliceRSASignByCarl.cer",
    "AliceDSSSignByCarlNoInherit.cer",
    "DianeDSSSignByCarlInherit.cer",
];
const TRUSTED: [&str; 2] = ["CarlDSSSelf.cer", "CarlRSASelf.cer"];
/// The signed examples.
const SIGNED: [&str; 11] = [
    "4.1.bin", "4.2.bin", "4.3.bin", "4.4.bin", "4.5.bin", "4.6.bin", "4.7.bin", "4.8.eml",
    "4.9.eml", "4.10.bin", "4.11.bin",
];

#[test]
fn openssl_and_sceau_judge_cms_of_others_differently() -> Result<()> {
    if !available(&[Need::Tool("openssl")]) {
        return Ok(());
    }
    let (Some(rfc), Some(openssl)) = (corpus::find("rfc4134"), corpus::find("cms-openssl")) else {
        return Ok(());
    };
    let scratch = tempfile::tempdir()?;
    let people = scratch.path().join("people.pem");
    std::fs::write(&people, pem(&rfc)?)?;
    let mut happened = BTreeMap::new();
    for (folder, name, endings) in [
        (&rfc, "rfc4134", &["bin", "eml"][..]),
        (&openssl, "cms-openssl", &["cms", "pem", "der"]),
    ] {
        for ending in endings {
            for (file, path) in corpus::files(folder, ending)? {
                if file.ends_with("-cert.pem") || file.contains("-ca") {
                    continue;
                }
                let difference = compare(&path, &rfc, &people).with_context(|| file.clone())?;
                happened.insert(format!("{name}/{file}"), difference);
            }
        }
    }
    ensure!(happened.len() > 30, "only {} files", happened.len());
    let list = Exceptions::load(&project().join("tests/exceptions/cms.toml"))?;
    let differences = list.differences(&happened);
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

#[test]
fn signed_examples_of_rfc_4134_have_another_verdict_at_their_time() -> Result<()> {
    let Some(rfc) = corpus::find("rfc4134") else {
        return Ok(());
    };
    for name in SIGNED {
        let report = verify(&rfc.join(name), &rfc)?;
        let report = report.with_context(|| format!("{name} cannot be read"))?;
        let (expected, why) = match name {
            // Certificates alone, which nobody signed.
            "4.11.bin" => (Value::Null, Value::Null),
            // The CRL that it carries lists the signer; that it has run out since takes nothing back.
            "4.4.bin" => ("INDETERMINATE".into(), "REVOKED_NO_POE".into()),
            _ => ("TOTAL-PASSED".into(), Value::Null),
        };
        ensure!(report["indication"] == expected, "{name}: {report}");
        let first = &report["signatures"][0];
        ensure!(first["subIndication"] == why, "{name}: {report}");
    }
    for (name, form) in [("4.8.eml", "S/MIME"), ("4.4.bin", "CMS")] {
        let report = verify(&rfc.join(name), &rfc)?.context(name)?;
        ensure!(report["format"] == form, "{name}: {report}");
    }
    let report = verify(&rfc.join("4.4.bin"), &rfc)?.context("4.4.bin")?;
    ensure!(
        report["signatures"][1]["countersigns"] == "signature-1",
        "{report}"
    );
    let report = verify(&rfc.join("4.6.bin"), &rfc)?.context("4.6.bin")?;
    ensure!(
        report["signatures"]
            .as_array()
            .is_some_and(|s| s.len() == 2),
        "{report}"
    );
    Ok(())
}

/// `None` where the two agree.
fn compare(path: &Path, rfc: &Path, people: &Path) -> Result<Option<String>> {
    let report = verify(path, rfc)?;
    let ours = report.is_some_and(|report| {
        let signatures = report["signatures"].as_array().cloned().unwrap_or_default();
        !signatures.is_empty()
            && signatures
                .iter()
                .all(|s| s["intact"] == true && s["subIndication"] != "SIG_CONSTRAINTS_FAILURE")
    });
    let form = match path.extension().and_then(|e| e.to_str()) {
        Some("pem") => "PEM",
        Some("eml") => "SMIME",
        _ => "DER",
    };
    let mut judge = Command::new("openssl");
    judge
        .args([
            "cms",
            "-verify",
            "-noverify",
            "-out",
            "/dev/null",
            "-inform",
            form,
            "-certfile",
        ])
        .arg(people)
        .arg("-in")
        .arg(path);
    if path.ends_with("4.3.bin") {
        judge.arg("-content").arg(rfc.join(CONTENT));
    }
    let theirs = judge.output()?.status.success();
    Ok(match (ours, theirs) {
        (true, false) => Some("accepted".into()),
        (false, true) => Some("refused".into()),
        _ => None,
    })
}

/// The report; `None` where the file is no signature.
fn verify(path: &Path, rfc: &Path) -> Result<Option<Value>> {
    let mut call = sceau_program("sceau")?.arg("verify").arg(path);
    for name in TRUSTED {
        call = call.arg("--trust").arg(rfc.join(name));
    }
    for name in PEOPLE {
        call = call.arg("--cert").arg(rfc.join(name));
    }
    if path.ends_with("4.3.bin") {
        call = call.arg("--content").arg(rfc.join(CONTENT));
    }
    let options = [
        "--at",
        AT,
        "--offline",
        "--revocation",
        "if-available",
        "--report",
        "json",
    ];
    let outcome = call.args(options).limit(LIMIT).run()?;
    ensure!(!outcome.hung && !outcome.crashed(), "{outcome}");
    if outcome.code == Some(65) {
        return Ok(None);
    }
    Ok(Some(
        serde_json::from_slice(&outcome.stdout).context(outcome.err())?,
    ))
}

fn pem(rfc: &Path) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for name in PEOPLE {
        let arguments = ["x509", "-inform", "DER", "-in"];
        let one = Command::new("openssl")
            .args(arguments)
            .arg(rfc.join(name))
            .output()?;
        ensure!(one.status.success(), "{name}");
        out.extend(one.stdout);
    }
    Ok(out)
}
