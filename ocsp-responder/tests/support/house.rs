//! A record made by the engine, and the program that serves it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ca_core::settings::LegislationConfig;
use ca_core::store::RecordLocation;
use ca_core::{
    Actors, AuthorityKey, CaEngine, IssueRequest, NewAuthority, QscdEvidence, RevocationReason,
    RevocationRequest, Settings, SettingsConfig, SubjectKey, Validity,
};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::{Certificate, Clock, ManualClock, SystemClock, pem};

use super::{Hierarchy, said, software_key, tool};

/// A record with a root, an issuing CA and a certificate, and what a responder needs.
pub struct House {
    pub dir: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub engine: CaEngine,
    pub root: AuthorityKey,
    pub issuing: AuthorityKey,
    pub issuing_signer: Arc<dyn Signer>,
    pub seal: Certificate,
}

pub fn actors() -> Actors {
    Actors::named(vec!["operator@sceau.example".into()])
}

impl House {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let record = dir.path().join("record.sqlite");
        Self::on(dir, RecordLocation::File(record))
    }

    /// With the record there.
    pub fn on(dir: tempfile::TempDir, record: RecordLocation) -> Self {
        // Two years ago, so that something can have expired.
        let clock = Arc::new(ManualClock::new(
            SystemClock.now() - Duration::from_secs(63_072_000),
        ));
        let settings = Settings::new(SettingsConfig {
            base_url: "http://pki.sceau.example".into(),
            country: "MC".into(),
            policy_arc: "1.3.6.1.4.1.32473.1".into(),
            cps_uri: "https://sceau.example/cps".into(),
            pds: Vec::new(),
            legislation: LegislationConfig("none".into()),
        });
        let engine = CaEngine::create(record, settings.unwrap(), clock.clone()).unwrap();
        let key = || -> Arc<dyn Signer> { Arc::new(software_key()) };
        let order = |name: &str, profile: &str| NewAuthority {
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
        };
        let root_key: Arc<dyn Signer> = Arc::new(SoftwareKey::generate(KeySpec::P384).unwrap());
        engine
            .create_authority(&order("root", "root-ca"), root_key.clone(), None)
            .unwrap();
        let root = engine.unlock("root", root_key).unwrap();
        let issuing_key = key();
        engine
            .create_authority(
                &order("companies", "issuing-ca"),
                issuing_key.clone(),
                Some(&root),
            )
            .unwrap();
        let issuing = engine.unlock("companies", issuing_key.clone()).unwrap();
        let mut this = Self {
            seal: issuing.authority().certificate.clone(),
            dir,
            clock,
            engine,
            root,
            issuing,
            issuing_signer: issuing_key,
        };
        this.signer("expired");
        this.clock.set(SystemClock.now());
        this.signer("ocsp");
        this.signer("ocsp2");
        let seal = this.issue(
            "company-seal",
            "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM",
            &software_key(),
        );
        this.write("seal.pem", &seal);
        this.write("companies.pem", &this.issuing.authority().certificate);
        this.write("root.pem", &this.issuing.chain().last().unwrap().clone());
        this.seal = seal;
        // Another CA that happens to have a responder certificate.
        let other = Hierarchy::new("Other CA");
        let pair = rcgen::KeyPair::generate().unwrap();
        let foreign = other.issue(&Hierarchy::responder_params(), &pair);
        this.write("foreign.pem", &foreign);
        std::fs::write(this.path("foreign.key"), pair.serialize_pem()).unwrap();
        this
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub fn write(&self, file: &str, certificate: &Certificate) {
        let text = pem::encode("CERTIFICATE", certificate.der()).unwrap();
        std::fs::write(self.path(file), text).unwrap();
    }

    pub fn issue(&self, profile: &str, subject: &str, key: &SoftwareKey) -> Certificate {
        self.issue_by(&self.issuing, profile, subject, key)
    }

    pub fn issue_by(
        &self,
        issuer: &AuthorityKey,
        profile: &str,
        subject: &str,
        key: &SoftwareKey,
    ) -> Certificate {
        let order = IssueRequest {
            profile: profile.into(),
            subject: subject.parse().unwrap(),
            key: SubjectKey::Held(key.public_key().clone()),
            qscd: QscdEvidence::None,
            legislation: None,
            validity: Validity::ProfileDefault,
            actors: actors(),
        };
        self.engine.issue(issuer, &order).unwrap().certificate
    }

    /// A responder certificate `{name}.pem` with its key `{name}.key`.
    pub fn signer(&self, name: &str) {
        self.signer_by(&self.issuing, name);
    }

    pub fn signer_by(&self, issuer: &AuthorityKey, name: &str) {
        let key = software_key();
        let subject = "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=OCSP";
        let certificate = self.issue_by(issuer, "ocsp-signer", subject, &key);
        self.write(&format!("{name}.pem"), &certificate);
        let text = pem::encode("PRIVATE KEY", &key.to_pkcs8().unwrap()).unwrap();
        std::fs::write(self.path(&format!("{name}.key")), text).unwrap();
    }

    /// Writes the good configuration after `change` has been at it.
    pub fn config(&self, change: impl FnOnce(String) -> String) {
        let good = "listen = [\"127.0.0.1:0\"]\nrecord = \"record.sqlite\"\n\n[[responder]]\nca = \"companies\"\ncertificate = \"ocsp.pem\"\nkey = \"ocsp.key\"\n";
        std::fs::write(self.path("ocsp.toml"), change(good.into())).unwrap();
    }

    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sceau-ocsp"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env_remove("SCEAU_OCSP_LISTEN")
            .env("SCEAU_LOG", "error")
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end: exit code and what was said.
    pub fn transcript(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.program(arguments).output().unwrap();
        (output.status.code().unwrap(), said(&output))
    }

    pub fn revoke(&self) {
        let order = RevocationRequest {
            authority: "companies".into(),
            serial: self.seal.serial().to_vec(),
            reason: RevocationReason::KeyCompromise,
            invalidity_date: None,
            requested_at: None,
            actors: actors(),
        };
        self.clock.set(SystemClock.now());
        self.engine.revoke(&order).unwrap();
    }
}

/// The program while it serves.
pub struct Serving {
    pub child: Child,
    pub url: String,
}

impl Serving {
    pub fn start(house: &House) -> Self {
        let mut child = house
            .program(&["--config", "ocsp.toml"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .strip_prefix("sceau-ocsp listening on ")
            .unwrap_or_else(|| panic!("{line:?}"))
            .trim()
            .to_owned();
        Self { child, url }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    pub fn ask(&self, dir: &Path) -> Option<String> {
        let url = format!("{}/ocsp", self.url);
        let arguments = [
            "ocsp",
            "-issuer",
            "companies.pem",
            "-sha256",
            "-cert",
            "seal.pem",
            "-url",
            &url,
            "-CAfile",
            "root.pem",
            "-verify_other",
            "companies.pem",
        ];
        tool("openssl", &arguments, dir).map(|o| said(&o))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
