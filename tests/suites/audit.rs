//! The journal's protection: hashes recomputed in Python, signatures verified by openssl, time-stamps by `openssl ts`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sceau_tests::Hierarchy;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::judges::python;

use crate::on_both_backends;

on_both_backends!(running: checkpoints_convince_judges_that_nobody_here_wrote);

fn checkpoints_convince_judges_that_nobody_here_wrote(hierarchy: &Hierarchy) -> Result<()> {
    let office = &hierarchy.office;
    let at = |name: &str| hierarchy.path(name);
    let ca = |arguments: &str| office.ca(&arguments.split(' ').collect::<Vec<_>>());
    let key = office.backend.key("journal");
    office
        .ca(&["audit", "key", "set", "--generate", "p256", "--key", &key])?
        .succeed()?;
    ca("audit key show --out journal-key.pem")?.succeed()?;
    ca("audit checkpoint --no-tsa --out first.txt")?.succeed()?;

    // Nobody answers there: the checkpoint stays, the time-stamp is asked for again.
    ca("crl --all")?.succeed()?;
    let away = ca("audit checkpoint --tsa http://127.0.0.1:1/ --out second.txt")?.run()?;
    ensure!(away.code == Some(75), "{away}");
    ensure!(away.err().contains("signed and kept"), "{away}");
    let tsa = office.tsa_url();
    let stamp = format!("audit checkpoint --tsa {tsa} --token-out second.tst");
    let stamped = ca(&stamp)?.succeed()?;
    ensure!(stamped.out().contains("time-stamped 2"), "{stamped}");
    let note = fs::read_to_string(at("second.txt"))?;

    ca("audit export --out journal.jsonl")?.succeed()?;
    let journal = python::shared().journal(&at("journal.jsonl"))?;
    ensure!(journal.checkpoints.len() == 2, "{journal:#?}");
    for checkpoint in &journal.checkpoints {
        ensure!(checkpoint.right && checkpoint.named, "{checkpoint:#?}");
        fs::write(at("text"), &checkpoint.text)?;
        fs::write(at("signature"), bytes(&checkpoint.signature)?)?;
        openssl("dgst")
            .args(["-sha256", "-verify"])
            .arg(at("journal-key.pem"))
            .arg("-signature")
            .arg(at("signature"))
            .arg(at("text"))
            .succeed()?;
        let spki = openssl("pkey")
            .args(["-pubin", "-outform", "DER", "-in"])
            .arg(at("journal-key.pem"))
            .arg("-out")
            .arg(at("journal-key.der"));
        spki.succeed()?;
        let digest = openssl("dgst")
            .args(["-sha256", "-r"])
            .arg(at("journal-key.der"));
        ensure!(
            digest.succeed()?.out().starts_with(&checkpoint.key_id),
            "{checkpoint:#?}"
        );
    }
    ensure!(journal.checkpoints[1].note == note, "{note}");
    let verdict = openssl("ts")
        .args(["-verify", "-token_in", "-in"])
        .arg(at("second.tst"))
        .arg("-data")
        .arg(at("second.txt"))
        .arg("-CAfile")
        .arg(hierarchy.root())
        .arg("-untrusted")
        .arg(hierarchy.ca("public-bodies"))
        .succeed()?;
    ensure!(verdict.text().contains("Verification: OK"), "{verdict}");

    // Offline, with what an auditor has: export, key, checkpoint, the authority's root.
    let root = hierarchy.root();
    let offline = |trust: &Path, export: &str| {
        Ok::<_, anyhow::Error>(
            office
                .program("sceau-ca")?
                .args([
                    "--json",
                    "audit",
                    "verify",
                    "--journal-key",
                    "journal-key.pem",
                ])
                .args(["--checkpoint", "first.txt", "--export", export, "--trust"])
                .arg(trust),
        )
    };
    let report: serde_json::Value =
        serde_json::from_str(&offline(&root, "journal.jsonl")?.succeed()?.out())?;
    ensure!(report["head"] == *journal.head, "{report:#}");
    ensure!(report["root"] == *journal.root, "{report:#}");
    ensure!(report["records"] == journal.records, "{report:#}");
    ensure!(
        report["timeStamped"]["authority"] == "trusted",
        "{report:#}"
    );
    // A strange root is not this authority's.
    openssl("req")
        .args([
            "-x509",
            "-newkey",
            "ed25519",
            "-nodes",
            "-subj",
            "/CN=Stranger",
            "-keyout",
        ])
        .arg(at("stranger.key"))
        .arg("-out")
        .arg(at("stranger.pem"))
        .succeed()?;
    let strange = offline(&at("stranger.pem"), "journal.jsonl")?.run()?;
    ensure!(strange.code == Some(1), "{strange}");
    ensure!(strange.text().contains("not trusted"), "{strange}");

    // One byte in the middle: Python and we name the same record.
    let mut changed = fs::read(at("journal.jsonl"))?;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(at("changed.jsonl"), &changed)?;
    let line = changed[..middle].iter().filter(|b| **b == b'\n').count();
    let ours = offline(&root, "changed.jsonl")?.run()?;
    ensure!(ours.code == Some(1), "{ours}");
    ensure!(
        ours.text().contains(&format!("at record {line}:")),
        "{ours}"
    );
    ensure!(python::shared().journal(&at("changed.jsonl")).is_err());
    Ok(())
}

fn bytes(hexadecimal: &str) -> Result<Vec<u8>> {
    (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).context("no hexadecimal"))
        .collect()
}
