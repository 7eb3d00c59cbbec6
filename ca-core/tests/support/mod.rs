//! A small hierarchy in a temporary folder, and the judges nobody here wrote.

#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ca_core::settings::{LegislationConfig, PdsConfig};
use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use ca_core::{
    Actors, AuthorityKey, CaEngine, CaError, IssueRequest, Issued, NewAuthority, QscdEvidence,
    Settings, SettingsConfig, SubjectKey, Validity,
};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::{Certificate, ManualClock, UnixTime, pem};

pub(crate) const SEAL_SUBJECT: &str =
    "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";
pub(crate) const PERSON_SUBJECT: &str =
    "C=MC,givenName=Zoé,surname=Exemple,serialNumber=IDCMC-12345,CN=Zoé Exemple";
pub(crate) const PROFESSIONAL_SUBJECT: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,\
     givenName=Zoé,surname=Exemple,serialNumber=PASMC-98765,CN=Zoé Exemple";

pub(crate) struct House {
    /// Where its record is.
    pub(crate) location: RecordLocation,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: CaEngine,
    pub(crate) root: AuthorityKey,
    pub(crate) issuing: AuthorityKey,
    pub(crate) issuing_signer: Arc<dyn Signer>,
}

/// The domain is one that pkilint takes for public; `.example` is not (its public suffix list).
pub(crate) fn settings(legislation: &str) -> Settings {
    Settings::new(SettingsConfig {
        base_url: "http://pki.sceau.example.com".into(),
        country: "MC".into(),
        policy_arc: "1.3.6.1.4.1.32473.1".into(),
        cps_uri: "https://sceau.example.com/cps".into(),
        pds: vec![
            PdsConfig {
                language: "en".into(),
                url: "https://sceau.example.com/pds-en.pdf".into(),
            },
            PdsConfig {
                language: "fr".into(),
                url: "https://sceau.example.com/pds-fr.pdf".into(),
            },
        ],
        legislation: LegislationConfig(legislation.into()),
    })
    .unwrap()
}

pub(crate) fn actors() -> Actors {
    Actors::named(vec!["operator@sceau.example".into()])
}

pub(crate) fn key(spec: KeySpec) -> Arc<dyn Signer> {
    Arc::new(SoftwareKey::generate(spec).unwrap())
}

/// An empty database, in the suites that are run on both.
fn on_postgres() -> Option<RecordLocation> {
    if !env!("CARGO_CRATE_NAME").ends_with("_on_postgres") {
        return None;
    }
    let database = test_postgres::database()?;
    let location = PostgresLocation::parse(&database.url, &PostgresAccess::default());
    Some(location.unwrap().into())
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with("MC", KeySpec::P384, KeySpec::P256)
    }

    pub(crate) fn with(legislation: &str, root_key: KeySpec, issuing_key: KeySpec) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let record =
            on_postgres().unwrap_or_else(|| folder.path().join("record.sqlite").as_path().into());
        Self::at(folder, &record, legislation, root_key, issuing_key)
    }

    /// With its record somewhere else.
    pub(crate) fn on(record: &RecordLocation) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::at(folder, record, "MC", KeySpec::P256, KeySpec::P256)
    }

    fn at(
        folder: tempfile::TempDir,
        record: &RecordLocation,
        legislation: &str,
        root_key: KeySpec,
        issuing_key: KeySpec,
    ) -> Self {
        let clock = Arc::new(ManualClock::new("2026-11-21T12:00:00Z".parse().unwrap()));
        let engine = CaEngine::create(record, settings(legislation), clock.clone()).unwrap();
        let root_signer = key(root_key);
        engine
            .create_authority(&order("root", "root-ca"), root_signer.clone(), None)
            .unwrap();
        let root = engine.unlock("root", root_signer).unwrap();
        let issuing_signer = key(issuing_key);
        engine
            .create_authority(
                &order("companies", "issuing-ca"),
                issuing_signer.clone(),
                Some(&root),
            )
            .unwrap();
        let issuing = engine.unlock("companies", issuing_signer.clone()).unwrap();
        Self {
            location: record.clone(),
            folder,
            clock,
            engine,
            root,
            issuing,
            issuing_signer,
        }
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.folder.path().join("record.sqlite")
    }

    pub(crate) fn issue(&self, profile: &str, subject: &str) -> Result<Issued, CaError> {
        self.engine.issue(
            &self.issuing,
            &request(profile, subject, QscdEvidence::None),
        )
    }

    /// Writes `der` as PEM and returns where.
    pub(crate) fn pem(&self, name: &str, label: &str, der: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, pem::encode(label, der).unwrap()).unwrap();
        path
    }

    pub(crate) fn certificate(&self, name: &str, certificate: &Certificate) -> PathBuf {
        self.pem(name, "CERTIFICATE", certificate.der())
    }
}

pub(crate) fn order(name: &str, profile: &str) -> NewAuthority {
    NewAuthority {
        name: name.into(),
        profile: profile.into(),
        subject: format!(
            "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=Sceau {name} CA"
        )
        .parse()
        .unwrap(),
        key_location: format!("keys/{name}.pem"),
        validity: Validity::ProfileDefault,
        actors: actors(),
    }
}

pub(crate) fn request(profile: &str, subject: &str, qscd: QscdEvidence) -> IssueRequest {
    IssueRequest {
        profile: profile.into(),
        subject: subject.parse().unwrap(),
        key: SubjectKey::Held(key(KeySpec::P256).public_key().clone()),
        qscd,
        legislation: None,
        validity: Validity::ProfileDefault,
        actors: actors(),
    }
}

pub(crate) fn time(text: &str) -> UnixTime {
    text.parse().unwrap()
}

/// Runs a judge; `None`, said aloud, where it is not installed.
pub(crate) fn judge(program: &str, args: &[&str]) -> Option<Output> {
    let beside_python = std::env::var_os("SCEAU_PYTHON")
        .map(|python| Path::new(&python).with_file_name(program))
        .filter(|path| path.exists());
    let program_path = beside_python.unwrap_or_else(|| program.into());
    match Command::new(program_path).args(args).output() {
        Ok(output) => Some(output),
        Err(_) => {
            eprintln!("skipped: {program} not found");
            None
        }
    }
}

/// Runs a judge that must find nothing.
pub(crate) fn accepts(program: &str, args: &[&str]) {
    let Some(output) = judge(program, args) else {
        return;
    };
    assert!(
        output.status.success(),
        "{program} {args:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A PKCS#10 request (DER) for a new key, made by openssl.
pub(crate) fn request_of_another(folder: &Path, subject: &str) -> Vec<u8> {
    let (key, out) = (folder.join("another.key"), folder.join("another.der"));
    let subject = subject
        .replace(',', "/")
        .replace("organizationIdentifier", "2.5.4.97");
    let made = Command::new("openssl")
        .args(["req", "-new", "-newkey", "ec", "-pkeyopt"])
        .args([
            "ec_paramgen_curve:P-256",
            "-noenc",
            "-batch",
            "-outform",
            "DER",
        ])
        .args(["-subj", &format!("/{subject}"), "-keyout", text(&key)])
        .args(["-out", text(&out)])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    std::fs::read(out).unwrap()
}

/// Changes records of the journal as somebody would who can write the database: every hash that
/// follows is computed anew.
pub(crate) fn rewrite_journal(record: &Path, change: impl Fn(&str) -> Option<String>) {
    let database = rusqlite::Connection::open(record).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    for trigger in texts("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
        database
            .execute_batch(&format!("DROP TRIGGER {trigger}"))
            .unwrap();
    }
    let mut prev = ca_core::journal::GENESIS;
    let mut changed = 0;
    for (n, before) in texts("SELECT CAST(record AS TEXT) FROM journal ORDER BY seq")
        .iter()
        .enumerate()
    {
        let seq = n as u64 + 1;
        let after = change(before);
        changed += usize::from(after.is_some());
        let after = after.unwrap_or_else(|| before.clone());
        let hash = ca_core::journal::chain(seq, &prev, after.as_bytes());
        database
            .execute(
                "UPDATE journal SET prev = ?2, record = ?3, hash = ?4 WHERE seq = ?1",
                rusqlite::params![i64::try_from(seq).unwrap(), prev, after.as_bytes(), hash],
            )
            .unwrap();
        prev = hash;
    }
    assert!(changed > 0, "nothing was changed");
}
