//! `kill -9` at random instants under load: of the process that issues, of one of several, and of the
//! database server itself. What was promised holds after each.
//!
//! The instants come from a fixed seed. `SCEAU_KILLS=2000` for a long night.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod support;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use ca_core::status::{Status, StatusReader};
use ca_core::store::{PostgresAccess, PostgresLocation, Query, RecordLocation};
use ca_core::{
    AuthorityKey, CaEngine, CertificateState, QscdEvidence, RevocationReason, RevocationRequest,
};
use hsm_pkcs11::{Signer, SoftwareKey};
use pki_asn1::ManualClock;
use support::{SEAL_SUBJECT, actors, order, request, settings};

const PLACE: &str = "KILLS_PLACE";
const KEYS: &str = "KILLS_KEYS";
/// Rounds, unless the environment wants more.
const ROUNDS: u32 = 8;
/// After so many rounds the whole record is checked, besides at the end.
const THOROUGH: u32 = 25;

#[test]
fn killed_at_random_under_load_on_sqlite() {
    if victim() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("record.sqlite");
    let mut trial = Trial::new(
        "killed_at_random_under_load_on_sqlite",
        place.to_str().unwrap(),
        folder.path(),
    );
    for round in 0..rounds() {
        let victim = trial.start();
        trial.wait();
        trial.end(victim);
        trial.check(round);
    }
    trial.report();
}

#[test]
fn killed_at_random_under_load_on_postgres() {
    if victim() {
        return;
    }
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let mut server = test_postgres::Server::start(&programs).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut trial = Trial::new(
        "killed_at_random_under_load_on_postgres",
        &server.database().url,
        folder.path(),
    );
    for round in 0..rounds() {
        let (one, other) = (trial.start(), trial.start());
        trial.wait();
        if round % 4 == 3 {
            // The power of the database's machine. The two go on when it is back.
            server.kill();
            trial.servers += 1;
            server.restart().unwrap();
            trial.wait();
        }
        trial.end(one);
        trial.wait();
        trial.end(other);
        trial.check(round);
    }
    trial.report();
}

fn rounds() -> u32 {
    std::env::var("SCEAU_KILLS").map_or(ROUNDS, |n| n.parse().unwrap())
}

/// One record, and what its victims let out so far.
struct Trial {
    test: &'static str,
    place: String,
    folder: PathBuf,
    random: u64,
    serials: BTreeSet<String>,
    numbers: BTreeSet<u64>,
    /// The highest number of a CRL before this round.
    highest: u64,
    interrupted: usize,
    kills: u32,
    servers: u32,
}

/// A process under load, and what it says.
struct Victim {
    process: Child,
    lines: JoinHandle<Vec<String>>,
}

impl Trial {
    fn new(test: &'static str, place: &str, folder: &Path) -> Self {
        let location = location(place);
        let engine = CaEngine::create(&location, settings("MC"), clock()).unwrap();
        let mut root: Option<AuthorityKey> = None;
        for (name, profile) in [("root", "root-ca"), ("companies", "issuing-ca")] {
            let key = SoftwareKey::generate(hsm_pkcs11::KeySpec::P256).unwrap();
            std::fs::write(folder.join(name), &*key.to_pkcs8().unwrap()).unwrap();
            engine
                .create_authority(&order(name, profile), Arc::new(key), root.as_ref())
                .unwrap();
            root = Some(engine.unlock(name, signer(folder, name)).unwrap());
        }
        Self {
            test,
            place: place.into(),
            folder: folder.into(),
            random: 0x5ca1_ab1e_0ddb_a115,
            serials: BTreeSet::new(),
            numbers: BTreeSet::new(),
            highest: 0,
            interrupted: 0,
            kills: 0,
            servers: 0,
        }
    }

    /// Starts a process and waits until it is at work.
    fn start(&self) -> Victim {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", self.test])
            .env(PLACE, &self.place)
            .env(KEYS, &self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.any(|line| line.is_ok_and(|line| line.ends_with("ready")));
        assert!(ready, "the process did not start");
        let lines = std::thread::spawn(move || lines.map_while(Result::ok).collect());
        Victim { process, lines }
    }

    /// Up to a seventh of a second.
    fn wait(&mut self) {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        sleep(Duration::from_micros(self.random % 140_000));
    }

    /// Kills it, and takes down what it had said.
    fn end(&mut self, mut victim: Victim) {
        victim.process.kill().unwrap();
        victim.process.wait().unwrap();
        self.kills += 1;
        for line in victim.lines.join().unwrap() {
            match line.rsplit_once(' ') {
                Some(("issued", serial)) => {
                    assert!(self.serials.insert(serial.into()), "{serial} twice");
                }
                Some(("published", number)) => {
                    let number = number.parse().unwrap();
                    assert!(number > self.highest, "CRL {number} came back");
                    assert!(self.numbers.insert(number), "CRL {number} twice");
                }
                Some(("failed", _)) => {}
                _ => assert!(!line.contains("panicked"), "{line}"),
            }
        }
    }

    /// The next process starts, and closes what was interrupted.
    fn check(&mut self, round: u32) {
        let place = location(&self.place);
        let engine = CaEngine::open(&place, settings("MC"), clock()).unwrap();
        self.interrupted += engine.recovered().len();
        let status = StatusReader::open(&place).unwrap();
        for lost in engine.recovered() {
            let answer = status.status("companies", &lost.serial).unwrap();
            assert!(matches!(answer, Some(Status::Revoked { .. })), "{answer:?}");
        }
        let last = status.crl_number("companies").unwrap().unwrap_or(0);
        self.highest = self.numbers.last().copied().unwrap_or(0);
        assert!(last >= self.highest, "CRL {} after {last}", self.highest);
        self.highest = last;
        if round % THOROUGH == THOROUGH - 1 || round + 1 == rounds() {
            self.check_all(&place, &engine);
        }
    }

    /// Every certificate that anybody has is in the record, and everything else is revoked.
    fn check_all(&self, place: &RecordLocation, engine: &CaEngine) {
        engine.verify_journal().unwrap();
        let store = place.open_read_only().unwrap();
        let all = store.certificates(&Query::All).unwrap();
        let mut issued = BTreeSet::new();
        for entry in &all {
            match entry.state {
                CertificateState::Issued => {
                    assert!(issued.insert(entry.serial_hex()), "a serial twice");
                }
                CertificateState::Abandoned => assert!(entry.revocation.is_some()),
                CertificateState::Intended => panic!("{} is not closed", entry.serial_hex()),
            }
        }
        assert!(
            self.serials.is_subset(&issued),
            "a certificate without a record"
        );
    }

    fn report(&self) {
        println!(
            "{}: {} kills of processes, {} of the server; {} certificates and {} CRLs let out, {} issuances interrupted",
            self.test,
            self.kills,
            self.servers,
            self.serials.len(),
            self.numbers.len(),
            self.interrupted
        );
        assert!(!self.serials.is_empty(), "nothing was issued");
    }
}

/// The process that is killed: three threads issue, one revokes and publishes CRLs.
fn victim() -> bool {
    let Ok(place) = std::env::var(PLACE) else {
        return false;
    };
    let folder = PathBuf::from(std::env::var_os(KEYS).unwrap());
    let engine = CaEngine::open(location(&place), settings("MC"), clock()).unwrap();
    let key = signer(&folder, "companies");
    let companies = engine.unlock("companies", key).unwrap();
    let seal = request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
    say("ready");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    // While the server is away, and for what it interrupted, there are errors.
                    match engine.issue(&companies, &seal) {
                        Ok(issued) => {
                            say(&format!(
                                "issued {}",
                                hex::encode(issued.certificate.serial())
                            ));
                        }
                        Err(_) => pause(),
                    }
                }
            });
        }
        scope.spawn(|| {
            loop {
                let published = engine.issue(&companies, &seal).and_then(|issued| {
                    engine.revoke(&RevocationRequest {
                        authority: "companies".into(),
                        serial: issued.certificate.serial().to_vec(),
                        reason: RevocationReason::Superseded,
                        invalidity_date: None,
                        requested_at: None,
                        actors: actors(),
                    })?;
                    engine.issue_crl(&companies, Duration::from_secs(3_600), &actors())
                });
                match published {
                    Ok(crl) => say(&format!("published {}", crl.crl.number)),
                    Err(_) => pause(),
                }
            }
        });
    });
    true
}

fn pause() {
    sleep(Duration::from_millis(10));
}

/// A whole line at once.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

fn location(place: &str) -> RecordLocation {
    if PostgresLocation::is_url(place) {
        let location = PostgresLocation::parse(place, &PostgresAccess::default());
        location.unwrap().into()
    } else {
        Path::new(place).into()
    }
}

fn signer(folder: &Path, name: &str) -> Arc<dyn Signer> {
    let key = std::fs::read(folder.join(name)).unwrap();
    Arc::new(SoftwareKey::from_pkcs8(&key, None).unwrap())
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-11-21T12:00:00Z".parse().unwrap()))
}
