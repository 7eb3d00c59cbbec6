//! A process that dies at every step: before each statement to the database, after each commit, before
//! and after each signature. What was promised must hold after each of these deaths.
//!
//! The process is this test's own program, started again; the steps are counted by a backend around
//! the real one, so nothing of this is in a program that anybody runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hsm_pkcs11::{KeySpec, Protection, SignError, Signer, SoftwareKey};
use pki_asn1::{ManualClock, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use super::postgres::{Postgres, PostgresAccess, PostgresLocation};
use super::sql::{
    Backend, Database, Identity, Judge, Origin, Row, SqlError, SqlStore, Standing, Successor,
    Transaction, Value,
};
use super::sqlite::Sqlite;
use super::{CertificateState, Query, RecordLocation, RecordName, Store, StoreError};
use crate::settings::{LegislationConfig, PdsConfig};
use crate::{
    Actors, CaEngine, IssueRequest, NewAuthority, QscdEvidence, RevocationReason,
    RevocationRequest, Settings, SettingsConfig, SubjectKey, Validity,
};

const PLACE: &str = "FAULTS_PLACE";
const KEYS: &str = "FAULTS_KEYS";
const STEP: &str = "FAULTS_STEP";
const SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

/// More steps than there are: a process that comes so far was not killed.
const NEVER: u64 = 10_000;

#[test]
fn killed_at_every_step_on_sqlite() {
    if victim() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.sqlite");
    every_step(
        "killed_at_every_step_on_sqlite",
        record.to_str().unwrap(),
        folder.path(),
    );
}

#[test]
fn killed_at_every_step_on_postgres() {
    if victim() {
        return;
    }
    let Some(database) = test_postgres::database() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    every_step(
        "killed_at_every_step_on_postgres",
        &database.url,
        folder.path(),
    );
}

fn every_step(test: &str, place: &str, folder: &Path) {
    let location = location(place);
    let engine = CaEngine::create(&location, settings(), clock()).unwrap();
    for (name, profile, issuer) in [
        ("root", "root-ca", None),
        ("companies", "issuing-ca", Some("root")),
    ] {
        let key = SoftwareKey::generate(KeySpec::P256).unwrap();
        std::fs::write(folder.join(name), &*key.to_pkcs8().unwrap()).unwrap();
        let issuer = issuer.map(|name| engine.unlock(name, signer(folder, name, None)).unwrap());
        engine
            .create_authority(
                &new_authority(name, profile),
                Arc::new(key),
                issuer.as_ref(),
            )
            .unwrap();
    }
    drop(engine);
    let (mut serials, mut highest) = (BTreeSet::new(), 0);
    for step in 0.. {
        let finished = die(test, place, folder, step, &mut serials, &mut highest);
        survived(&location, &serials, highest);
        if finished {
            assert!(step > 40, "only {step} steps were seen");
            return;
        }
    }
}

/// Starts the process that dies at `step`; whether it came to its end.
fn die(
    test: &str,
    place: &str,
    folder: &Path,
    step: u64,
    serials: &mut BTreeSet<String>,
    highest: &mut u64,
) -> bool {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", &format!("store::faults::{test}")])
        .env(PLACE, place)
        .env(KEYS, folder)
        .env(STEP, step.to_string())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some((_, serial)) = line.split_once("victim issued ") {
            assert!(serials.insert(serial.to_owned()), "{serial} twice");
        }
        if let Some((_, number)) = line.split_once("victim published ") {
            let number = number.parse().unwrap();
            assert!(number > *highest, "CRL {number} after {highest}");
            *highest = number;
        }
    }
    output.status.success()
}

/// What must hold after every death, once the next process has started.
fn survived(location: &RecordLocation, serials: &BTreeSet<String>, highest: u64) {
    let engine = CaEngine::open(location, settings(), clock()).unwrap();
    engine.verify_journal().unwrap();
    let store = location.open_read_only().unwrap();
    let all = store.certificates(&Query::All).unwrap();
    let issued: BTreeSet<String> = all
        .iter()
        .filter(|entry| entry.state == CertificateState::Issued)
        .map(super::CertificateEntry::serial_hex)
        .collect();
    assert!(serials.is_subset(&issued), "a certificate without a record");
    for entry in &all {
        assert_ne!(entry.state, CertificateState::Intended);
        assert!(
            entry.state == CertificateState::Issued || entry.revocation.is_some(),
            "an interrupted issuance that is not revoked"
        );
    }
    let companies = engine.authority("companies").unwrap();
    assert!(
        store
            .last_crl_number(companies.id, crate::crl::CrlScope::All)
            .unwrap()
            >= highest
    );
    if let Some(latest) = store.crl("companies", crate::crl::CrlName::WHOLE).unwrap() {
        assert!(latest.number >= highest);
    }
}

/// The process that dies: does everything once, and says what it has let out.
fn victim() -> bool {
    let Ok(place) = std::env::var(PLACE) else {
        return false;
    };
    let at: u64 = std::env::var(STEP).unwrap().parse().unwrap();
    let folder = std::path::PathBuf::from(std::env::var_os(KEYS).unwrap());
    let steps = Arc::new(Steps {
        at: AtomicU64::new(NEVER),
        passed: AtomicU64::new(0),
    });
    let store: Arc<dyn Store> = match location(&place) {
        RecordLocation::File(path) => {
            let inner = Sqlite::locked(&path).unwrap();
            Arc::new(
                SqlStore::writing(Faulty {
                    inner,
                    steps: steps.clone(),
                    cutter: None,
                })
                .unwrap(),
            )
        }
        RecordLocation::Postgres(location) => {
            let inner = Postgres::new(&location);
            Arc::new(
                SqlStore::writing(Faulty {
                    inner,
                    steps: steps.clone(),
                    cutter: None,
                })
                .unwrap(),
            )
        }
    };
    let engine = CaEngine::with_store(store, settings(), clock()).unwrap();
    let key = |name| signer(&folder, name, Some(steps.clone()));
    let root = engine.unlock("root", key("root")).unwrap();
    let companies = engine.unlock("companies", key("companies")).unwrap();
    let fresh = || Arc::new(SoftwareKey::generate(KeySpec::P256).unwrap());
    let subject_key = fresh().public_key().clone();
    steps.at.store(at, Ordering::SeqCst);

    let another = new_authority(&format!("another-{at}"), "issuing-ca");
    engine
        .create_authority(&another, fresh(), Some(&root))
        .unwrap();
    let order = IssueRequest {
        profile: "company-seal".into(),
        subject: SUBJECT.parse().unwrap(),
        key: SubjectKey::Held(subject_key),
        qscd: QscdEvidence::None,
        legislation: None,
        validity: Validity::ProfileDefault,
        actors: Actors::default(),
    };
    let issued = engine.issue(&companies, &order).unwrap();
    say("issued", &hex::encode(issued.certificate.serial()));
    let revocation = RevocationRequest {
        authority: "companies".into(),
        serial: issued.certificate.serial().to_vec(),
        reason: RevocationReason::Superseded,
        invalidity_date: None,
        requested_at: None,
        actors: Actors::default(),
    };
    engine.revoke(&revocation).unwrap();
    let crl = engine
        .issue_crl(&companies, Duration::from_secs(3_600), &Actors::default())
        .unwrap();
    say("published", &crl.crl.number.to_string());
    true
}

/// At once and whole, whatever becomes of us.
fn say(what: &str, which: &str) {
    use std::io::Write as _;
    let line = format!("victim {what} {which}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    std::io::stdout().flush().unwrap();
}

fn location(place: &str) -> RecordLocation {
    if PostgresLocation::is_url(place) {
        let location = PostgresLocation::parse(place, &PostgresAccess::default());
        location.unwrap().into()
    } else {
        Path::new(place).into()
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(UnixTime::from_secs(1_795_262_400)))
}

fn settings() -> Settings {
    Settings::new(SettingsConfig {
        base_url: "http://pki.sceau.example".into(),
        country: "MC".into(),
        policy_arc: "1.3.6.1.4.1.32473.1".into(),
        cps_uri: "https://sceau.example/cps".into(),
        pds: vec![PdsConfig {
            language: "en".into(),
            url: "https://sceau.example/pds".into(),
        }],
        legislation: LegislationConfig("MC".into()),
    })
    .unwrap()
}

fn new_authority(name: &str, profile: &str) -> NewAuthority {
    NewAuthority {
        name: name.into(),
        profile: profile.into(),
        subject: format!("C=MC,O=Example,organizationIdentifier=NTRMC-00S00001,CN={name}")
            .parse()
            .unwrap(),
        key_location: format!("keys/{name}"),
        validity: Validity::ProfileDefault,
        actors: Actors::default(),
    }
}

fn signer(folder: &Path, name: &str, steps: Option<Arc<Steps>>) -> Arc<dyn Signer> {
    let key = std::fs::read(folder.join(name)).unwrap();
    let inner = SoftwareKey::from_pkcs8(&key, None).unwrap();
    match steps {
        None => Arc::new(inner),
        Some(steps) => Arc::new(FaultySigner { inner, steps }),
    }
}

/// Counts, and dies at the right one.
#[derive(Debug)]
struct Steps {
    at: AtomicU64,
    passed: AtomicU64,
}

impl Steps {
    fn pass(&self) {
        let at = self.at.load(Ordering::SeqCst);
        if at != NEVER && self.passed.fetch_add(1, Ordering::SeqCst) == at {
            // As sudden as kill -9: nothing is unwound, flushed or closed in an orderly way.
            std::process::abort();
        }
    }
}

#[derive(Debug)]
struct FaultySigner {
    inner: SoftwareKey,
    steps: Arc<Steps>,
}

impl Signer for FaultySigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.inner.algorithm()
    }
    fn public_key(&self) -> &PublicKey {
        self.inner.public_key()
    }
    fn protection(&self) -> Protection {
        self.inner.protection()
    }
    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        self.steps.pass();
        let signature = self.inner.sign(message);
        self.steps.pass();
        signature
    }
}

/// When the connection is cut.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// The server has not heard of the commit.
    BeforeCommit,
    /// It has committed, and its answer does not arrive.
    AfterCommit,
}

struct Cutter {
    next: Mutex<Option<Cut>>,
    database: test_postgres::Database,
}

impl core::fmt::Debug for Cutter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Cutter")
    }
}

impl Cutter {
    fn cut(&self) {
        let ended = self.database.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks \
             WHERE locktype = 'advisory' AND classid = 'instance'::regclass \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        );
        assert_eq!(ended.unwrap(), "1");
    }
}

/// A commit whose answer does not arrive was done or not: the record is asked, and nothing is guessed.
#[test]
fn a_connection_cut_while_committing_is_resolved_from_the_record() {
    let Some(database) = test_postgres::database() else {
        return;
    };
    let place = location(&database.url);
    place.create(UnixTime::from_secs(1), Vec::new()).unwrap();
    let RecordLocation::Postgres(location) = &place else {
        panic!("{place:?}");
    };
    let cutter = Arc::new(Cutter {
        next: Mutex::new(None),
        database,
    });
    let store = SqlStore::writing(Faulty {
        inner: Postgres::new(location),
        steps: Arc::new(Steps {
            at: AtomicU64::new(NEVER),
            passed: AtomicU64::new(0),
        }),
        cutter: Some(cutter.clone()),
    })
    .unwrap();
    let commit = |cut: Option<Cut>| {
        *cutter.next.lock().unwrap() = cut;
        store.commit(super::Change {
            at: UnixTime::from_secs(2),
            actors: Vec::new(),
            act: super::Act::Create { id: [1; 32] },
            mandate: None,
        })
    };
    assert_eq!(commit(None).unwrap(), 2);
    let lost = commit(Some(Cut::BeforeCommit)).unwrap_err();
    assert!(matches!(lost, StoreError::Lost(_)), "{lost:?}");
    assert_eq!(commit(Some(Cut::AfterCommit)).unwrap(), 3);
    assert_eq!(commit(None).unwrap(), 4);
    assert_eq!(
        store.statistics(UnixTime::EPOCH).unwrap().journal_records,
        4
    );
}

#[derive(Debug)]
struct Faulty<B> {
    inner: B,
    steps: Arc<Steps>,
    cutter: Option<Arc<Cutter>>,
}

struct FaultyConnection<C> {
    inner: C,
    /// `None` for readers, whose death changes nothing.
    steps: Option<Arc<Steps>>,
    cutter: Option<Arc<Cutter>>,
    /// Its answer did not arrive; the news of its end may take a moment longer.
    lost: bool,
}

impl<B: Backend> Backend for Faulty<B> {
    type Connection = FaultyConnection<B::Connection>;
    const SUCCESSOR: Successor = B::SUCCESSOR;

    fn record(&self) -> &RecordName {
        self.inner.record()
    }
    fn writer(&self) -> Result<Self::Connection, StoreError> {
        Ok(FaultyConnection {
            inner: self.inner.writer()?,
            steps: Some(self.steps.clone()),
            cutter: self.cutter.clone(),
            lost: false,
        })
    }
    fn reader(&self) -> Result<Self::Connection, StoreError> {
        Ok(FaultyConnection {
            inner: self.inner.reader()?,
            steps: None,
            cutter: None,
            lost: false,
        })
    }
    fn identity(&self) -> Result<Identity, StoreError> {
        self.inner.identity()
    }
}

impl<C> FaultyConnection<C> {
    fn step(&mut self) -> &mut C {
        if let Some(steps) = &self.steps {
            steps.pass();
        }
        &mut self.inner
    }
}

impl<C: Database> Database for FaultyConnection<C> {
    fn record(&self) -> &RecordName {
        self.inner.record()
    }
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, SqlError> {
        self.step().execute(sql, values)
    }
    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&dyn Row) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        self.step().query(sql, values, visit)
    }
    fn later(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        judge: Box<dyn Judge>,
    ) -> Result<(), SqlError> {
        self.step().later(sql, values, judge)
    }
    fn settle(&mut self) -> Result<(), SqlError> {
        self.step().settle()
    }
    fn announce(&mut self) {
        self.inner.announce();
    }
    fn standing(&mut self) -> Result<(Standing, Origin), SqlError> {
        self.inner.standing()
    }
    fn wait_for_news(&mut self, limit: Duration) -> Result<(), SqlError> {
        self.inner.wait_for_news(limit)
    }
    fn begin(&mut self, kind: Transaction) -> Result<(), SqlError> {
        self.step().begin(kind)
    }
    fn commit(&mut self) -> Result<(), SqlError> {
        let cutter = self.cutter.clone();
        let cut = cutter.and_then(|c| Some((c.next.lock().unwrap().take()?, c.clone())));
        if let Some((Cut::BeforeCommit, cutter)) = &cut {
            cutter.cut();
        }
        self.step().commit()?;
        self.step();
        if let Some((Cut::AfterCommit, cutter)) = cut {
            cutter.cut();
            self.lost = true;
            return Err(SqlError::Failed {
                error: StoreError::Lost(self.record().clone()),
                fatal: false,
            });
        }
        Ok(())
    }
    fn rollback(&mut self) -> Result<(), SqlError> {
        self.step().rollback()
    }
    fn savepoint(&mut self) -> Result<(), SqlError> {
        self.step().savepoint()
    }
    fn rollback_to_savepoint(&mut self) -> Result<(), SqlError> {
        self.step().rollback_to_savepoint()
    }
    fn release_savepoint(&mut self) -> Result<(), SqlError> {
        self.step().release_savepoint()
    }
    fn is_idle(&mut self) -> bool {
        !self.lost && self.inner.is_idle()
    }
    fn is_lost(&mut self) -> bool {
        self.lost || self.inner.is_lost()
    }
    fn instance(&self) -> i64 {
        self.inner.instance()
    }
    fn is_alive(&mut self, instance: i64) -> Result<bool, SqlError> {
        self.inner.is_alive(instance)
    }
}
