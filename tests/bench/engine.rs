//! A CA engine in this process, with what the measurements of issuing have in common.

use std::sync::Arc;

use anyhow::Result;
use ca_core::store::RecordLocation;
use ca_core::{
    Actors, AuthorityKey, CaEngine, IssueRequest, NewAuthority, QscdEvidence, Settings,
    SettingsConfig, SubjectKey, Validity,
};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::SystemClock;
use sceau_tests::hierarchy::{POLICY_ARC, ROOT_SUBJECT, SEAL_SUBJECT};

const COMPANIES_SUBJECT: &str = "C=MC,O=Sceau Example Trade Register,organizationIdentifier=NTRMC-00P00004,CN=Sceau Example Companies CA";

/// An engine, and the seal certificate that is ordered from it again and again.
pub(crate) struct Engine {
    pub(crate) engine: CaEngine,
    pub(crate) order: IssueRequest,
}

impl Engine {
    /// On an empty record at `record`, a file or a database.
    pub(crate) fn create(record: impl Into<RecordLocation>) -> Result<Self> {
        let engine = CaEngine::create(record, settings()?, Arc::new(SystemClock))?;
        let key = SoftwareKey::generate(KeySpec::P256)?.public_key().clone();
        Ok(Self {
            engine,
            order: IssueRequest {
                profile: "company-seal".to_owned(),
                subject: SEAL_SUBJECT.parse()?,
                key: SubjectKey::Held(key),
                qscd: QscdEvidence::None,
                legislation: None,
                validity: Validity::ProfileDefault,
                actors: actors(),
            },
        })
    }

    /// The root and the issuing CA of companies, whose keys `key` makes.
    pub(crate) fn companies(
        &self,
        key: impl Fn(&str) -> Result<Arc<dyn Signer>>,
    ) -> Result<AuthorityKey> {
        let root = self.authority("root", "root-ca", ROOT_SUBJECT, key("root")?, None)?;
        let key = key("companies")?;
        self.authority(
            "companies",
            "issuing-ca",
            COMPANIES_SUBJECT,
            key,
            Some(&root),
        )
    }

    fn authority(
        &self,
        name: &str,
        profile: &str,
        subject: &str,
        signer: Arc<dyn Signer>,
        issuer: Option<&AuthorityKey>,
    ) -> Result<AuthorityKey> {
        let order = NewAuthority {
            name: name.to_owned(),
            profile: profile.to_owned(),
            subject: subject.parse()?,
            key_location: "memory".to_owned(),
            validity: Validity::ProfileDefault,
            actors: actors(),
        };
        self.engine
            .create_authority(&order, signer.clone(), issuer)?;
        Ok(self.engine.unlock(name, signer)?)
    }

    /// Issues one certificate.
    pub(crate) fn issue(&self, companies: &AuthorityKey) -> Result<()> {
        self.engine.issue(companies, &self.order)?;
        Ok(())
    }
}

pub(crate) fn actors() -> Actors {
    Actors::named(vec!["bench".to_owned()])
}

pub(crate) fn settings() -> Result<Settings> {
    Ok(Settings::new(SettingsConfig {
        base_url: "http://pki.sceau.example".to_owned(),
        country: "MC".to_owned(),
        policy_arc: POLICY_ARC.to_owned(),
        cps_uri: "https://sceau.example/cps".to_owned(),
        pds: Vec::new(),
        legislation: ca_core::settings::LegislationConfig::default(),
    })?)
}
