//! The configuration file of `sceau-ocsp` (TOML) and what it turns into.
//!
//! Two types: [`Config`] is what the operator wrote, syntactically right; [`Config::open`] makes a
//! [`Responder`] of it and checks everything that relying parties would stumble over later.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ca_core::store::{
    LocationError, PostgresLocation, RecordLocation, StorageConfig, StorageError,
};
use ca_core::{RecordName, StoreError};
use cli_support::{Exit, Failure, ResultExt as _, env};
use hsm_pkcs11::{KeyLocation, PinSource};
use http_service::settings::{self, Http, HttpFile, SettingError};
use pki_asn1::{Clock, UnixTime};

use crate::keys::delegate::{Delegate, DelegateError};
use crate::policy::{ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy, Policy};
use crate::record::source::{AuthorityView, StatusReader, StatusSource};
use crate::record::state::StartError;
use crate::responder::Responder;

/// The configuration as written; paths are resolved against the file's folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub http: Http,
    /// The record of the CA.
    pub record: RecordLocation,
    /// How requests are answered.
    pub policy: Policy,
    /// Who answers for which authority.
    pub responders: Vec<ResponderConfig>,
}

/// One `[[responder]]`.
#[derive(Clone, Debug)]
pub struct ResponderConfig {
    /// The authority's name in the record.
    pub ca: String,
    /// The responder's certificate (PEM or DER).
    pub certificate: PathBuf,
    /// Its key.
    pub key: KeyLocation,
    /// The file with the key's PIN.
    pub pin_file: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    listen: Vec<String>,
    #[serde(default)]
    admin_listen: Vec<String>,
    record: String,
    record_password_file: Option<PathBuf>,
    record_ca_certificates: Option<PathBuf>,
    #[serde(default)]
    nonce: NoncePolicy,
    #[serde(default)]
    not_issued: NotIssuedPolicy,
    #[serde(default)]
    archive_cutoff: ArchiveCutoffPolicy,
    validity_minutes: Option<u32>,
    stale_after_seconds: Option<u32>,
    cache_entries: Option<usize>,
    signing_workers: Option<usize>,
    signing_queue: Option<usize>,
    #[serde(default)]
    responder: Vec<FileResponder>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileResponder {
    ca: String,
    certificate: PathBuf,
    key: String,
    pin_file: Option<PathBuf>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A setting, or a file it names, cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Two responders for one authority.
    #[error("two [[responder]] tables are for {0:?}")]
    Duplicate(String),
    /// The record cannot be opened.
    #[error("cannot open the record {record}")]
    Record {
        /// The record.
        record: RecordName,
        /// Why.
        source: StoreError,
    },
    /// The database that holds the record is not named as it should be.
    #[error("the setting record cannot be used")]
    Storage(#[source] StorageError),
    /// A certificate does not entitle its key to answer for the authority.
    #[error("{} cannot be used for {ca}", path.display())]
    Delegate {
        /// The authority.
        ca: String,
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        source: DelegateError,
    },
    /// The responder cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Setting(error) => error.hint(),
            Self::Duplicate(_) => Some("one responder certificate answers for one CA key".into()),
            // The store's own hint speaks of the options of sceau-ca.
            Self::Record {
                source: StoreError::Missing(_) | StoreError::NotARecord(_),
                ..
            } => Some(
                "record is the file record.sqlite of the folder that sceau-ca init made".into(),
            ),
            Self::Record { source, .. } => source.hint(),
            Self::Storage(StorageError::Location(LocationError::Unprotected(_))) => Some(
                "name the file with the CA certificates of the database's TLS with \
                 record-ca-certificates; where a tunnel protects the connection, add \
                 ?sslmode=disable to the URL"
                    .into(),
            ),
            Self::Storage(StorageError::Location(LocationError::Password)) => Some(
                "take it out, put it into a file of its own, and name that file with \
                 record-password-file"
                    .into(),
            ),
            Self::Storage(error) => Some(error.hint()),
            Self::Delegate { source, .. } => source.hint(),
            Self::Start(error) => error.hint(),
        }
    }
}

impl ConfigError {
    /// The exit code and the hint of a program that ends with it.
    #[must_use]
    pub fn explain(&self) -> (Exit, Option<String>) {
        let exit = match self {
            Self::Setting(error) => error.exit(),
            Self::Record { .. } | Self::Start(StartError::Source(_)) => Exit::Unavailable,
            _ => Exit::Config,
        };
        (exit, self.hint())
    }
}

impl Config {
    /// Reads the file. `listen`, the value of the environment variable, overrides its addresses.
    ///
    /// # Errors
    /// What is wrong, with the line or the setting (exit code [`cli_support::Exit::Config`]).
    pub fn load(path: &Path, listen: Option<&str>) -> Result<Self, Failure> {
        let file = settings::load(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_file(file, folder, listen).explain(ConfigError::explain)
    }

    fn from_file(file: File, folder: &Path, listen: Option<&str>) -> Result<Self, ConfigError> {
        let http = HttpFile {
            listen: file.listen,
            admin_listen: file.admin_listen,
        };
        let http = Http::new(http, env::OCSP_LISTEN, listen)?;
        let mut policy = Policy {
            nonce: file.nonce,
            not_issued: file.not_issued,
            archive_cutoff: file.archive_cutoff,
            ..Policy::default()
        };
        if let Some(minutes) = file.validity_minutes {
            // Below two minutes clocks disagree; ten days is the longest CA/Browser Forum allows.
            if !(2..=14_400).contains(&minutes) {
                return Err(ConfigError::Setting(SettingError::Value {
                    setting: "validity-minutes",
                    value: minutes.to_string(),
                    reason: "from 2 to 14400 (ten days)".into(),
                }));
            }
            policy.validity = Duration::from_secs(u64::from(minutes) * 60);
        }
        if let Some(seconds) = file.stale_after_seconds {
            // Shorter than clocks differ; longer than a revocation may take (EN 319 411-1, 24 hours).
            if !(1..=86_400).contains(&seconds) {
                return Err(ConfigError::Setting(SettingError::Value {
                    setting: "stale-after-seconds",
                    value: seconds.to_string(),
                    reason: "from 1 to 86400 (a day)".into(),
                }));
            }
            policy.record_age = Duration::from_secs(u64::from(seconds));
        }
        policy.cache_entries = file.cache_entries.unwrap_or(policy.cache_entries);
        policy.queue = file.signing_queue.unwrap_or(policy.queue);
        if let Some(workers) = file.signing_workers {
            policy.workers = settings::signing_workers(workers)?;
        }
        let mut responders: Vec<ResponderConfig> = Vec::with_capacity(file.responder.len());
        for r in file.responder {
            if responders.iter().any(|other| other.ca == r.ca) {
                return Err(ConfigError::Duplicate(r.ca));
            }
            responders.push(ResponderConfig {
                ca: r.ca,
                certificate: folder.join(r.certificate),
                key: settings::key_location(r.key, folder)?,
                pin_file: r.pin_file.map(|p| folder.join(p)),
            });
        }
        let (password_file, ca_certificates) =
            (file.record_password_file, file.record_ca_certificates);
        let record = if PostgresLocation::is_url(&file.record) {
            let storage = StorageConfig {
                url: file.record,
                password_file,
                ca_certificates,
            };
            let location = storage.location(folder, env::database_password());
            location.map_err(ConfigError::Storage)?
        } else if let Some(path) = password_file.or(ca_certificates) {
            return Err(ConfigError::Setting(SettingError::Value {
                setting: "record-password-file and record-ca-certificates",
                value: path.display().to_string(),
                reason: "they are for a record in a database (postgresql://...)".into(),
            }));
        } else {
            RecordLocation::File(folder.join(file.record))
        };
        Ok(Self {
            http,
            record,
            policy,
            responders,
        })
    }

    /// Opens the record and every key, and checks every certificate. `pin` is where PINs come from
    /// that no file is named for.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn open(&self, pin: &PinSource, clock: Arc<dyn Clock>) -> Result<Responder, ConfigError> {
        let record = StatusReader::open(&self.record).map_err(|source| ConfigError::Record {
            record: self.record.name(),
            source,
        })?;
        let authorities = StatusSource::authorities(&record).map_err(StartError::Source)?;
        let delegates = self.delegates(&authorities, pin, clock.now())?;
        let policy = self.policy.clone();
        Ok(Responder::new(Arc::new(record), clock, policy, delegates)?)
    }

    /// Opens every key and checks every certificate against its authority.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn delegates(
        &self,
        authorities: &[AuthorityView],
        pin: &PinSource,
        now: UnixTime,
    ) -> Result<HashMap<String, Arc<Delegate>>, ConfigError> {
        self.responders
            .iter()
            .map(|responder| {
                let delegate = responder.open(authorities, pin, now, self.policy.workers)?;
                Ok((responder.ca.clone(), Arc::new(delegate)))
            })
            .collect()
    }
}

impl ResponderConfig {
    fn open(
        &self,
        authorities: &[AuthorityView],
        pin: &PinSource,
        now: UnixTime,
        sessions: usize,
    ) -> Result<Delegate, ConfigError> {
        let authority = authorities
            .iter()
            .find(|a| a.name == self.ca)
            .ok_or_else(|| StartError::UnknownAuthority {
                name: self.ca.clone(),
                known: authorities.iter().map(|a| a.name.clone()).collect(),
            })?;
        let command = "sceau-ca ocsp-signer renew";
        let certificate =
            settings::certificates("the responder certificate", &self.certificate, command)?
                .swap_remove(0);
        let what = || format!("the responder key of {}", self.ca);
        let key = settings::open_key(what, &self.key, self.pin_file.as_deref(), pin, sessions)?;
        let delegate = Delegate::new(key.signer, certificate, &authority.certificate, now)
            .map_err(|source| ConfigError::Delegate {
                ca: self.ca.clone(),
                path: self.certificate.clone(),
                source,
            })?;
        if !delegate.certificate().has_ocsp_no_check() {
            tracing::warn!(
                authority = self.ca,
                "the responder certificate lacks id-pkix-ocsp-nocheck: clients may ask for its own status"
            );
        }
        Ok(delegate)
    }
}
