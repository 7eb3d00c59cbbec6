//! Evidence records (RFC 4998) before the whole program: published ones of the BSI, and ones that BouncyCastle made and renewed over
//! ten years. What BouncyCastle calls broken is never valid here.
//!
//! The relying party trusts the self-issued certificates in the tokens and judges as of then: the units have long expired.
//! `exceptions/ers-tsp.toml` gives the reason for each published record that goes differently from what its name says, and the run
//! fails on a difference in either direction.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sceau_tests::corpus;
use sceau_tests::environment::{Need, available, project, sceau_program};
use sceau_tests::exceptions::Exceptions;
use sceau_tests::judges::bouncycastle::{self, Record};
use serde_json::Value;

/// As of when a folder of the corpus is judged: some days after its last time-stamp.
const TIMES: [(&str, &str); 3] = [
    ("BSI TR-ESOR", "2017-03-09T00:00:00Z"),
    ("testRenewal", "2018-04-04T00:00:00Z"),
    ("", "2017-02-11T00:00:00Z"),
];

#[test]
fn a_published_record_is_not_what_its_name_says() -> Result<()> {
    let Some(folder) = corpus::find("ers-tsp") else {
        return Ok(());
    };
    if !available(&[Need::BouncyCastle]) {
        return Ok(());
    }
    let records = corpus::files(&folder, "ers")?;
    ensure!(records.len() >= 11, "{} records", records.len());
    let scratch = tempfile::tempdir()?;
    let paths: Vec<PathBuf> = records.iter().map(|(_, path)| path.clone()).collect();
    bouncycastle::anchors(scratch.path(), &paths)?;
    let mut happened = BTreeMap::new();
    for (name, path) in &records {
        let at = TIMES.iter().find(|(part, _)| name.contains(part));
        let record = Record {
            path: path.clone(),
            at: at.context("no time")?.1.to_owned(),
            data: vec![folder.join("BIN.bin")],
        };
        let failure = published(name, &record, scratch.path()).with_context(|| name.clone())?;
        happened.insert(name.clone(), failure);
    }
    let list = Exceptions::load(&project().join("tests/exceptions/ers-tsp.toml"))?;
    let differences = list.differences(&happened);
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

fn published(name: &str, record: &Record, trust: &Path) -> Result<Option<String>> {
    let report = verify(record, trust)?;
    let indication = report["indication"].as_str().context("no indication")?;
    let reason = report["evidenceRecords"][0]["errors"][0]["message"].as_str();
    if name.contains("NOK") {
        // In each of them the hash tree of the last archive time-stamp was changed.
        let last = stamps(&report).len();
        let wanted = format!("archive time-stamp {last}: the hash tree does not lead to");
        return Ok(match (indication, reason) {
            ("TOTAL-FAILED", Some(why)) if why.starts_with(&wanted) => None,
            other => Some(format!("not refused: {other:?}")),
        });
    }
    if indication == "TOTAL-PASSED" {
        return Ok(None);
    }
    // Without the data everything else can still be checked.
    let alone = Record {
        data: Vec::new(),
        ..record.clone()
    };
    let report = verify(&alone, trust)?;
    let sub = report["evidenceRecords"][0]["subIndication"].as_str();
    let holds = stamps(&report)
        .iter()
        .all(|s| s["indication"] == "TOTAL-PASSED");
    Ok(Some(match (sub, holds) {
        (Some("SIGNED_DATA_NOT_FOUND"), true) => "without its data".into(),
        (
            Some("NO_POE" | "CRYPTO_CONSTRAINTS_FAILURE" | "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
            _,
        ) => {
            format!("algorithm: {reason:?}")
        }
        other => format!("broken: {reason:?}, {other:?}"),
    }))
}

fn stamps(report: &Value) -> Vec<&Value> {
    let empty = || -> &Vec<Value> { const { &Vec::new() } };
    let chains = report["evidenceRecords"][0]["chains"].as_array();
    let chains = chains.unwrap_or_else(|| empty()).iter();
    chains
        .flat_map(|chain| chain["timestamps"].as_array().unwrap_or_else(|| empty()))
        .collect()
}

#[test]
fn a_record_of_another_product_is_not_understood() -> Result<()> {
    let Some((folder, records)) = made()? else {
        return Ok(());
    };
    let judged = bouncycastle::check(&records)?;
    for (record, said) in records.iter().zip(judged) {
        ensure!(said.is_none(), "{record:?}: {said:?}");
        let report = verify(record, folder.path())?;
        let one = &report["evidenceRecords"][0];
        if record.path.ends_with("late.ers") {
            // BouncyCastle does not ask whether each was made before the one it renews had expired.
            ensure!(
                one["subIndication"] == "OUT_OF_BOUNDS_NOT_REVOKED",
                "{one:#}"
            );
            continue;
        }
        ensure!(one["indication"] == "TOTAL-PASSED", "{record:?} {one:#}");
        ensure!(one["provenTime"] == "2015-06-01T00:00:00Z", "{one:#}");
    }
    let kept = find(&records, "kept.ers");
    let report = verify(kept, folder.path())?;
    let chains = report["evidenceRecords"][0]["chains"].as_array().unwrap();
    let digests: Vec<_> = chains.iter().map(|c| &c["digestAlgorithm"]).collect();
    ensure!(digests == ["SHA-256", "SHA-384", "SHA-512"], "{digests:?}");
    // Judged without what came later, the first unit had expired.
    let early = Record {
        at: "2021-01-01T00:00:00Z".into(),
        ..find(&records, "long-1.ers").clone()
    };
    let report = verify(&early, folder.path())?;
    let sub = &report["evidenceRecords"][0]["subIndication"];
    ensure!(sub == "OUT_OF_BOUNDS_NOT_REVOKED", "{report:#}");
    Ok(())
}

#[test]
fn one_object_too_many_or_another_one_passes() -> Result<()> {
    let Some((folder, records)) = made()? else {
        return Ok(());
    };
    for name in ["group.ers", "group-renewed.ers", "kept.ers", "tree-8-3.ers"] {
        let right = find(&records, name);
        let stranger = folder.path().join("tree-2-0.bin");
        let mut more = right.clone();
        more.data.push(stranger.clone());
        let mut other = right.clone();
        other.data = vec![stranger];
        for wrong in [more, other] {
            let report = verify(&wrong, folder.path())?;
            let one = &report["evidenceRecords"][0];
            ensure!(one["subIndication"] == "HASH_FAILURE", "{wrong:?} {one:#}");
            let why = one["errors"][0]["message"].as_str().unwrap_or_default();
            ensure!(why.contains("tree-2-0.bin"), "{why}");
        }
    }
    // Of a group, one member alone is said to be beside others.
    let mut part = find(&records, "group.ers").clone();
    part.data.truncate(1);
    let report = verify(&part, folder.path())?;
    ensure!(
        report["evidenceRecords"][0]["otherObjects"] == 2,
        "{report:#}"
    );
    Ok(())
}

#[test]
fn a_bit_that_was_flipped_passes_here_and_not_before_bouncycastle() -> Result<()> {
    const FLIPS: usize = 160;
    let Some((folder, records)) = made()? else {
        return Ok(());
    };
    let right = find(&records, "kept.ers");
    let bytes = std::fs::read(&right.path)?;
    let mut flipped = Vec::new();
    for number in 0..FLIPS {
        let at = number * bytes.len() / FLIPS;
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (number % 8);
        let path = folder.path().join(format!("flipped-{at}.ers"));
        std::fs::write(&path, changed)?;
        flipped.push(Record {
            path,
            ..right.clone()
        });
    }
    let judged = bouncycastle::check(&flipped)?;
    let mut refused = 0;
    for (record, said) in flipped.iter().zip(judged) {
        let outcome = call(record, folder.path())?.run()?;
        ensure!(!outcome.hung && !outcome.crashed(), "{outcome}");
        // A list of revoked certificates that no token covers may be unreadable, and another one stand for it.
        let is_verdict = |why: &String| !why.contains("failed to construct sequence");
        ensure!(
            !outcome.success() || said.as_ref().is_none_or(|why| !is_verdict(why)),
            "{record:?}: BouncyCastle says {said:?}\n{outcome}"
        );
        refused += usize::from(!outcome.success());
    }
    ensure!(
        refused > FLIPS * 9 / 10,
        "{refused} of {FLIPS} were refused"
    );
    Ok(())
}

#[test]
fn ber_around_the_chains_is_another_record() -> Result<()> {
    let Some((folder, records)) = made()? else {
        return Ok(());
    };
    let right = find(&records, "kept.ers");
    let bytes = std::fs::read(&right.path)?;
    let path = folder.path().join("indefinite.ers");
    let inside = content(&bytes).context("no SEQUENCE")?;
    std::fs::write(&path, [&[0x30, 0x80], inside, &[0, 0]].concat())?;
    let record = Record {
        path,
        ..right.clone()
    };
    let report = verify(&record, folder.path())?;
    ensure!(report["indication"] == "TOTAL-PASSED", "{report:#}");
    Ok(())
}

/// The content of a SEQUENCE with a length of two octets.
fn content(der: &[u8]) -> Option<&[u8]> {
    der.strip_prefix(&[0x30, 0x82])?.get(2..)
}

#[test]
fn something_else_is_taken_for_a_record() -> Result<()> {
    let Some((folder, records)) = made()? else {
        return Ok(());
    };
    let right = find(&records, "tree-8-3.ers");
    let bytes = std::fs::read(&right.path)?;
    let cut = folder.path().join("cut.ers");
    std::fs::write(&cut, &bytes[..bytes.len() / 2])?;
    let wrong = Record {
        path: cut,
        ..right.clone()
    };
    let outcome = call(&wrong, folder.path())?.run()?;
    ensure!(
        outcome.code == Some(65) && outcome.err().contains("hint:"),
        "{outcome}"
    );
    // Two contents of something that is no record.
    let mut plain = right.clone();
    plain.path.clone_from(&right.data[0]);
    plain.data.push(right.path.clone());
    let outcome = call(&plain, folder.path())?.run()?;
    ensure!(
        outcome.code == Some(64) && outcome.err().contains("hint:"),
        "{outcome}"
    );
    Ok(())
}

/// What outlives its signer's certificate in the records' files: by name, the place of the record, and how many objects it has.
const EMBEDDED: [(&str, &str, usize); 6] = [
    ("internal-der.p7s", "signature", 1),
    ("internal-ber.p7s", "signature", 1),
    ("external-der.p7s", "signature", 2),
    ("external-ber.p7s", "signature", 2),
    ("simple.asics", "container", 1),
    ("extended.asice", "container", 2),
];

#[test]
fn a_record_inside_a_signature_or_container_proves_nothing() -> Result<()> {
    let Some((folder, _)) = made()? else {
        return Ok(());
    };
    for (name, place, objects) in EMBEDDED {
        let report = verify(&embedded(folder.path(), name), folder.path())?;
        let record = &report["evidenceRecords"][0];
        ensure!(record["place"] == place, "{name}: {report:#}");
        ensure!(record["indication"] == "TOTAL-PASSED", "{name}: {report:#}");
        ensure!(
            record["objects"].as_array().map(Vec::len) == Some(objects),
            "{record:#}"
        );
        ensure!(report["indication"] == "TOTAL-PASSED", "{name}: {report:#}");
        if place == "signature" {
            // The signer's certificate ended in 2017, and it is 2018.
            let signature = &report["signatures"][0];
            ensure!(
                signature["bestSignatureTime"] == "2015-06-01T00:00:00Z",
                "{report:#}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_record_about_something_else_saves_a_signature() -> Result<()> {
    let Some((folder, _)) = made()? else {
        return Ok(());
    };
    let report = verify(&embedded(folder.path(), "other-record.p7s"), folder.path())?;
    let signature = &report["signatures"][0];
    ensure!(
        signature["subIndication"] == "OUT_OF_BOUNDS_NOT_REVOKED",
        "{report:#}"
    );
    let warnings = signature["warnings"].to_string();
    ensure!(warnings.contains("EVIDENCE_RECORD_NOT_VALID"), "{warnings}");
    let report = verify(&embedded(folder.path(), "exchanged.asice"), folder.path())?;
    ensure!(report["indication"] == "TOTAL-FAILED", "{report:#}");
    // Nothing may be added to a signature that a record covers.
    let outcome = sceau_program("sceau")?
        .arg("extend")
        .arg(folder.path().join("internal-der.p7s"))
        .args([
            "--to",
            "b-t",
            "--offline",
            "--tsa",
            "http://127.0.0.1:9/",
            "--out",
        ])
        .arg(folder.path().join("out.p7s"))
        .run()?;
    ensure!(
        outcome.code == Some(65) || outcome.code == Some(1),
        "{outcome}"
    );
    ensure!(outcome.err().contains("evidence record"), "{outcome}");
    ensure!(!folder.path().join("out.p7s").exists(), "{outcome}");
    Ok(())
}

#[test]
fn an_archive_time_stamp_of_the_second_form_proves_nothing() -> Result<()> {
    let Some((folder, _)) = made()? else {
        return Ok(());
    };
    for form in ["attached", "detached"] {
        let report = verify(
            &embedded(folder.path(), &format!("archive2-{form}.p7s")),
            folder.path(),
        )?;
        let signature = &report["signatures"][0];
        // The signer's certificate ended in 2017, and it is 2018.
        ensure!(signature["indication"] == "TOTAL-PASSED", "{report:#}");
        ensure!(
            signature["bestSignatureTime"] == "2015-06-01T00:00:00Z",
            "{report:#}"
        );
        let stamps = signature["timestamps"].as_array().unwrap();
        ensure!(stamps.len() == 2, "{report:#}");
        for stamp in stamps {
            ensure!(stamp["indication"] == "TOTAL-PASSED", "{stamp:#}");
            let covers = stamp["covers"].as_str().unwrap_or_default();
            ensure!(covers.contains("archive-time-stamp-v2"), "{covers}");
        }
        ensure!(signature["level"] != "B-LTA", "{report:#}");
        // What was added later breaks all of them.
        let added = embedded(folder.path(), &format!("added-archive2-{form}.p7s"));
        let report = verify(&added, folder.path())?;
        let signature = &report["signatures"][0];
        ensure!(signature["indication"] == "INDETERMINATE", "{report:#}");
        for stamp in signature["timestamps"].as_array().unwrap() {
            ensure!(stamp["subIndication"] == "HASH_FAILURE", "{stamp:#}");
        }
    }
    Ok(())
}

fn embedded(folder: &Path, name: &str) -> Record {
    Record {
        path: folder.join(name),
        at: "2018-06-01T00:00:00Z".into(),
        data: match name.starts_with("external") || name.contains("detached") {
            true => vec![folder.join("signed.txt")],
            false => Vec::new(),
        },
    }
}

/// Records by BouncyCastle, where it is there.
fn made() -> Result<Option<(tempfile::TempDir, Vec<Record>)>> {
    if !available(&[Need::BouncyCastle]) {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    let records = bouncycastle::make(folder.path())?;
    ensure!(records.len() > 30, "{} records", records.len());
    Ok(Some((folder, records)))
}

fn find<'r>(records: &'r [Record], name: &str) -> &'r Record {
    records.iter().find(|r| r.path.ends_with(name)).unwrap()
}

fn verify(record: &Record, trust: &Path) -> Result<Value> {
    let outcome = call(record, trust)?.run()?;
    ensure!(!outcome.hung && !outcome.crashed(), "{outcome}");
    serde_json::from_slice(&outcome.stdout).context(outcome.err())
}

/// `trust` holds certificates, among other things.
fn call(record: &Record, trust: &Path) -> Result<sceau_tests::program::Call> {
    // What BouncyCastle made carries its revocation data; one of the published ones does not.
    let (anchors, revocation) = match trust.join("root.pem") {
        root if root.is_file() => (root, "required"),
        _ => (trust.to_owned(), "if-available"),
    };
    let mut call = sceau_program("sceau")?.arg("verify").arg(&record.path);
    for data in &record.data {
        call = call.arg("--content").arg(data);
    }
    Ok(call
        .arg("--trust")
        .arg(anchors)
        .args(["--at", &record.at])
        .args(["--offline", "--revocation", revocation])
        .args(["--report", "json"]))
}
