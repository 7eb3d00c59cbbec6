//! Responders beside a primary and a copy that follows it: real servers, real programs, and openssl
//! asks.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ca_core::settings::LegislationConfig;
use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation};
use ca_core::{
    Actors, AuthorityKey, CaEngine, IssueRequest, NewAuthority, QscdEvidence, RevocationReason,
    RevocationRequest, Settings, SettingsConfig, SubjectKey, Validity,
};
use hsm_pkcs11::{Signer, SoftwareKey};
use pki_asn1::{Certificate, SystemClock, pem};
use support::{said, tool};
use test_postgres::{Database, Server};

const SEAL: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM";

/// A CA on a database.
struct House {
    dir: tempfile::TempDir,
    engine: CaEngine,
    issuing: AuthorityKey,
}

fn location(url: &str) -> RecordLocation {
    PostgresLocation::parse(url, &PostgresAccess::default())
        .unwrap()
        .into()
}

impl House {
    fn new(database: &Database) -> Self {
        let settings = Settings::new(SettingsConfig {
            base_url: "http://pki.sceau.example".into(),
            country: "MC".into(),
            policy_arc: "1.3.6.1.4.1.32473.1".into(),
            cps_uri: "https://sceau.example/cps".into(),
            pds: Vec::new(),
            legislation: LegislationConfig("none".into()),
        });
        let record = location(&database.url);
        let engine = CaEngine::create(&record, settings.unwrap(), Arc::new(SystemClock)).unwrap();
        let create = |name: &str, profile: &str, issuer: Option<&AuthorityKey>| {
            let key: Arc<dyn Signer> = Arc::new(support::software_key());
            let subject = format!(
                "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=Sceau {name} CA"
            );
            let order = NewAuthority {
                name: name.into(),
                profile: profile.into(),
                subject: subject.parse().unwrap(),
                key_location: format!("keys/{name}.pem"),
                validity: Validity::ProfileDefault,
                actors: Actors::default(),
            };
            engine
                .create_authority(&order, key.clone(), issuer)
                .unwrap();
            engine.unlock(name, key).unwrap()
        };
        let root = create("root", "root-ca", None);
        let issuing = create("companies", "issuing-ca", Some(&root));
        let this = Self {
            dir: tempfile::tempdir().unwrap(),
            engine,
            issuing,
        };
        this.write("root.pem", &root.authority().certificate);
        this.write("companies.pem", &this.issuing.authority().certificate);
        let key = support::software_key();
        let subject = "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=OCSP";
        this.write("ocsp.pem", &this.issue("ocsp-signer", subject, &key));
        let text = pem::encode("PRIVATE KEY", &key.to_pkcs8().unwrap()).unwrap();
        std::fs::write(this.dir.path().join("ocsp.key"), text).unwrap();
        this
    }

    fn write(&self, file: &str, certificate: &Certificate) {
        let text = pem::encode("CERTIFICATE", certificate.der()).unwrap();
        std::fs::write(self.dir.path().join(file), text).unwrap();
    }

    fn issue(&self, profile: &str, subject: &str, key: &SoftwareKey) -> Certificate {
        let order = IssueRequest {
            profile: profile.into(),
            subject: subject.parse().unwrap(),
            key: SubjectKey::Held(key.public_key().clone()),
            qscd: QscdEvidence::None,
            legislation: None,
            validity: Validity::ProfileDefault,
            actors: Actors::default(),
        };
        self.engine
            .issue(&self.issuing, &order)
            .unwrap()
            .certificate
    }

    fn seal(&self, file: &str) -> Certificate {
        let certificate = self.issue("company-seal", SEAL, &support::software_key());
        self.write(file, &certificate);
        certificate
    }

    fn revoke(&self, certificate: &Certificate) {
        let order = RevocationRequest {
            authority: "companies".into(),
            serial: certificate.serial().to_vec(),
            reason: RevocationReason::Superseded,
            invalidity_date: None,
            requested_at: None,
            actors: Actors::default(),
        };
        self.engine.revoke(&order).unwrap();
    }

    /// Starts the program on a record.
    fn serve(&self, name: &str, url: &str, stale_after: u32) -> Serving {
        let text = format!(
            "listen = [\"127.0.0.1:0\"]\nrecord = {url:?}\nstale-after-seconds = {stale_after}\n\n\
             [[responder]]\nca = \"companies\"\ncertificate = \"ocsp.pem\"\nkey = \"ocsp.key\"\n"
        );
        let config = format!("{name}.toml");
        std::fs::write(self.dir.path().join(&config), text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sceau-ocsp"))
            .args(["--config", &config])
            .current_dir(self.dir.path())
            .env_remove("SCEAU_OCSP_LISTEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let mut errors = child.stderr.take().unwrap();
        let Some(url) = line.strip_prefix("sceau-ocsp listening on ") else {
            let mut said = String::new();
            errors.read_to_string(&mut said).unwrap();
            panic!("{said}");
        };
        // Read to the end, or the program would wait for a reader of its log.
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        let url = url.trim();
        Serving {
            child,
            url: format!("{url}/ocsp"),
        }
    }

    /// What openssl makes of the answer about a certificate: `good`, `revoked`, `trylater`.
    fn ask(&self, serving: &Serving, file: &str) -> Option<String> {
        let arguments = [
            "ocsp",
            "-issuer",
            "companies.pem",
            "-sha256",
            "-cert",
            file,
            "-url",
            &serving.url,
            "-CAfile",
            "root.pem",
            "-verify_other",
            "companies.pem",
            "-timeout",
            "20",
        ];
        let said = said(&tool("openssl", &arguments, self.dir.path())?);
        let word = ["good", "revoked", "unknown"]
            .into_iter()
            .find(|status| said.contains(&format!("{file}: {status}")));
        Some(match word {
            Some(status) => {
                assert!(said.contains("Response verify OK"), "{said}");
                status.to_owned()
            }
            None if said.contains("trylater") => "trylater".to_owned(),
            None => said,
        })
    }

    /// How long until the answer is this one. Until then it must be one of the `meanwhile`.
    fn until(&self, serving: &Serving, file: &str, wanted: &str, meanwhile: &[&str]) -> Duration {
        let since = Instant::now();
        loop {
            let said = self.ask(serving, file).unwrap();
            if said == wanted {
                return since.elapsed();
            }
            assert!(meanwhile.contains(&&*said), "{said}");
            assert!(since.elapsed() < Duration::from_secs(60), "never {wanted}");
        }
    }
}

struct Serving {
    child: Child,
    url: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the copy has what the primary has now.
fn replayed(primary: &Database, copy: &Database) {
    let version = "SELECT version FROM status_version";
    let wanted = primary.sql(version).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while copy.sql(version).unwrap() != wanted {
        assert!(Instant::now() < deadline, "the copy does not follow");
    }
}

/// A second is the promise; what starting openssl costs on a busy machine comes on top.
const SOON: Duration = Duration::from_millis(1_500);

#[test]
fn a_revocation_is_on_every_responder_within_a_second_and_the_death_of_the_primary_stops_none() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let mut primary = Server::start(&programs).unwrap();
    let database = primary.database();
    let house = House::new(&database);
    let standby = primary.standby().unwrap();
    let copy = standby.existing(&database.name);
    let first = house.seal("first.pem");
    let second = house.seal("second.pem");
    house.seal("third.pem");
    replayed(&database, &copy);

    let both = format!(
        "postgresql:///{}?host={},{}&user=sceau&target_session_attrs=any",
        database.name, database.socket, copy.socket
    );
    let beside_primary = house.serve("primary", &both, 60);
    let beside_copy = house.serve("copy", &copy.url, 60);
    let responders = [&beside_primary, &beside_copy];
    for serving in responders {
        let Some(said) = house.ask(serving, "first.pem") else {
            return;
        };
        assert_eq!(said, "good");
        assert_eq!(house.ask(serving, "second.pem").unwrap(), "good");
    }
    house.revoke(&first);
    let took = house.until(&beside_primary, "first.pem", "revoked", &["good"]);
    assert!(took < SOON, "{took:?}");
    replayed(&database, &copy);
    let took = house.until(&beside_copy, "first.pem", "revoked", &["good"]);
    assert!(took < SOON, "{took:?}");

    // What was asked before and what was not: both responders go on, the one from the other server.
    house.revoke(&second);
    replayed(&database, &copy);
    primary.kill();
    for serving in responders {
        assert_eq!(house.ask(serving, "first.pem").unwrap(), "revoked");
        house.until(serving, "second.pem", "revoked", &["good", "trylater"]);
        house.until(serving, "third.pem", "good", &["trylater"]);
    }

    // The primary comes back, and neither needs to be told.
    primary.restart().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    let fourth = loop {
        let key = support::software_key();
        let order = IssueRequest {
            profile: "company-seal".into(),
            subject: SEAL.parse().unwrap(),
            key: SubjectKey::Held(key.public_key().clone()),
            qscd: QscdEvidence::None,
            legislation: None,
            validity: Validity::ProfileDefault,
            actors: Actors::default(),
        };
        match house.engine.issue(&house.issuing, &order) {
            Ok(issued) => break issued.certificate,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    };
    house.write("fourth.pem", &fourth);
    for serving in responders {
        house.until(serving, "fourth.pem", "good", &["unknown", "trylater"]);
    }
    house.revoke(&fourth);
    for serving in responders {
        house.until(serving, "fourth.pem", "revoked", &["good"]);
    }
}

#[test]
fn a_copy_that_no_longer_follows_turns_into_try_later_and_never_into_a_wrong_good() {
    let Some(programs) = test_postgres::available() else {
        return;
    };
    let mut primary = Server::start(&programs).unwrap();
    let database = primary.database();
    let house = House::new(&database);
    let standby = primary.standby().unwrap();
    let copy = standby.existing(&database.name);
    // One that may read the tables and nothing else: the pulse alone tells how old the copy is.
    database
        .sql("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        .unwrap();
    let seal = house.seal("seal.pem");
    replayed(&database, &copy);
    let pulse = location(&database.url).pulse().unwrap();
    let limit = 6;
    let url = copy.url.replace("user=sceau", "user=reader");
    let serving = house.serve("copy", &url, limit);
    if house.ask(&serving, "seal.pem").is_none() {
        return;
    }
    house.until(&serving, "seal.pem", "good", &["trylater"]);

    // Nobody issues anything for longer than the limit, and that alone makes nothing old.
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(u64::from(limit) * 2) {
        assert_eq!(house.ask(&serving, "seal.pem").unwrap(), "good");
    }

    // The copy hears of the revocation, and does not show it.
    copy.sql("SELECT pg_wal_replay_pause()").unwrap();
    let paused = Instant::now();
    house.revoke(&seal);
    let revoked = Instant::now();
    house.until(&serving, "seal.pem", "trylater", &["good"]);
    // The limit in whole seconds, a pulse, and openssl.
    let took = paused.elapsed();
    assert!(took < Duration::from_secs(u64::from(limit) + 4), "{took:?}");
    // A pulse from before the revocation is replayed first, and must be too old by then: the limit is
    // counted in whole seconds, and what is up to one second older may pass for within it.
    let old = Duration::from_secs(u64::from(limit) + 1);
    std::thread::sleep(old.saturating_sub(revoked.elapsed()));
    copy.sql("SELECT pg_wal_replay_resume()").unwrap();
    house.until(&serving, "seal.pem", "revoked", &["trylater"]);

    // The primary is gone: revoked is told as long as it is known to be so, and then nothing is.
    primary.kill();
    house.until(&serving, "seal.pem", "trylater", &["revoked"]);
    primary.restart().unwrap();
    house.until(&serving, "seal.pem", "revoked", &["trylater"]);
    drop(pulse);
    house.until(&serving, "seal.pem", "trylater", &["revoked"]);
}
