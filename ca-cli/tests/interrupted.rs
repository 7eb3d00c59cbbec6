//! `kill -9` at any instant: what was promised still holds.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";
const ISSUE: &str = "-C ca issue --ca companies --profile company-seal --csr acme.csr --subject";
/// Rounds, each with an issuance and a CRL that are killed; `SCEAU_KILLS=1000` for a long night.
const ROUNDS: u32 = 20;

#[test]
fn killed_at_any_instant_nothing_is_issued_twice_or_unrecorded() {
    if !support::has("openssl", &["version"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    support::authority(folder);
    support::requests(folder);
    let started = Instant::now();
    support::done(folder, ISSUE, &[SUBJECT, "--out", "whole.pem"]);
    let whole = started.elapsed();
    let rounds = std::env::var("SCEAU_KILLS").map_or(ROUNDS, |n| n.parse().unwrap());
    let mut numbers = BTreeMap::new();
    for round in 0..rounds {
        let out = format!("{round}.pem");
        // Instants spread evenly over the run, whatever the machine's speed.
        let after = whole.mul_f64(0.3 + 0.7 * f64::from(round) / f64::from(rounds));
        kill(folder, ISSUE, &[SUBJECT, "--out", &out], after);
        if folder.join(&out).exists() {
            // Whoever has a certificate, the record has it.
            support::done(folder, &format!("-C ca show --cert {out}"), &[]);
        }
        kill(folder, "-C ca crl --ca companies", &[], after);
        rise(folder, &mut numbers);
    }
    // The next command closes what was interrupted.
    support::done(folder, "-C ca crl --ca companies --out companies.crl", &[]);
    rise(folder, &mut numbers);
    support::done(folder, "-C ca audit verify", &[]);
    let db = open(folder);
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM certificate WHERE state = 0"), 0);
    let unrevoked = "SELECT count(*) FROM certificate c WHERE state = 2 AND NOT EXISTS \
                     (SELECT 1 FROM revocation r WHERE r.serial = c.serial)";
    assert_eq!(count(unrevoked), 0);
    let twice = "SELECT count(*) - count(DISTINCT serial) FROM certificate";
    assert_eq!(count(twice), 0);
    let text = support::openssl(
        folder,
        "crl -inform DER -in companies.crl -noout -text",
        &[],
    );
    let listed = String::from_utf8(text)
        .unwrap()
        .matches("Serial Number:")
        .count();
    let abandoned = count("SELECT count(*) FROM certificate WHERE state = 2");
    assert_eq!(listed, abandoned as usize);
    let left: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

fn kill(folder: &Path, words: &str, more: &[&str], after: Duration) {
    let mut program = Command::new(support::PROGRAM)
        .current_dir(folder)
        .env("SCEAU_PIN", support::PIN)
        .args(words.split_whitespace())
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(after);
    program.kill().unwrap();
    program.wait().unwrap();
}

/// CRL numbers only ever rise.
fn rise(folder: &Path, numbers: &mut BTreeMap<i64, i64>) {
    let db = open(folder);
    let mut query = db
        .prepare("SELECT authority, max(number) FROM crl GROUP BY authority")
        .unwrap();
    let found = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    for (authority, number) in found.map(Result::unwrap) {
        let before = numbers.insert(authority, number).unwrap_or(0);
        assert!(number >= before, "CRL {number} after {before}");
    }
}

fn open(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("ca/record.sqlite")).unwrap()
}
