//! The configuration file of `sceau-ocsp` (TOML) and what it turns into.
//!
//! Two types: [`Config`] is what the operator wrote, syntactically right; [`Config::open`] makes a
//! [`Responder`] of it and checks everything that relying parties would stumble over later.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ca_core::StoreError;
use hsm_pkcs11::{KeyError, KeyLocation, OpenOptions, PinSource};
use pki_asn1::{Certificate, Clock, UnixTime, pem};

use crate::delegate::{Delegate, DelegateError};
use crate::responder::{
    ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy, Policy, Responder, StartError,
};
use crate::source::{AuthorityView, StatusReader, StatusSource};

/// The configuration as written; paths are resolved against the file's folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: Vec<SocketAddr>,
    /// The record of the CA.
    pub record: PathBuf,
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
    record: PathBuf,
    #[serde(default)]
    nonce: NoncePolicy,
    #[serde(default)]
    not_issued: NotIssuedPolicy,
    #[serde(default)]
    archive_cutoff: ArchiveCutoffPolicy,
    validity_minutes: Option<u32>,
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
    /// A file cannot be read.
    #[error("cannot read {what} {}", path.display())]
    Read {
        /// What the file is.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The configuration is not TOML of this form.
    #[error("{}:{line}: {message}", path.display())]
    Syntax {
        /// The configuration file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// A setting's value cannot be used.
    #[error("{setting} = {value:?} cannot be used: {reason}")]
    Value {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two responders for one authority.
    #[error("two [[responder]] tables are for {0:?}")]
    Duplicate(String),
    /// The record cannot be opened.
    #[error("cannot open the record {}", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// A certificate file does not hold a certificate.
    #[error("{} holds no certificate in PEM or DER", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A key cannot be opened.
    #[error("cannot open the responder key {key} of {ca}")]
    Key {
        /// The authority.
        ca: String,
        /// The key.
        key: Box<KeyLocation>,
        /// Why.
        source: Box<KeyError>,
    },
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
            Self::Read { what, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some(format!(
                    "check the path of {what}; paths in the configuration are relative to its folder"
                ))
            }
            Self::Read { .. } => Some("check the file's owner and permissions".into()),
            Self::Syntax { .. } => Some("docs/sceau-ocsp.md lists every setting".into()),
            Self::Value { .. } => None,
            Self::Duplicate(_) => Some("one responder certificate answers for one CA key".into()),
            // The store's own hint speaks of the options of sceau-ca.
            Self::Record {
                source: StoreError::Missing(_) | StoreError::NotARecord(_),
                ..
            } => Some(
                "record is the file record.sqlite of the folder that sceau-ca init made".into(),
            ),
            Self::Record { source, .. } => source.hint(),
            Self::NoCertificate { .. } => {
                Some("give the file that sceau-ca ocsp-signer renew wrote".into())
            }
            Self::Key { source, .. } => source.hint(),
            Self::Delegate { source, .. } => source.hint(),
            Self::Start(error) => error.hint(),
        }
    }
}

impl Config {
    /// Reads the file. `listen` overrides its addresses (a list separated by commas, as the
    /// environment gives it).
    ///
    /// # Errors
    /// [`ConfigError`], with the line.
    pub fn load(path: &Path, listen: Option<&str>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            what: "the configuration",
            path: path.to_owned(),
            source,
        })?;
        let file: File = toml::from_str(&text).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            line: error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1),
            message: error.message().trim().to_owned(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_file(file, folder, listen)
    }

    fn from_file(file: File, folder: &Path, listen: Option<&str>) -> Result<Self, ConfigError> {
        let listen: Vec<String> = match listen {
            Some(list) => list.split(',').map(|a| a.trim().to_owned()).collect(),
            None => file.listen,
        };
        let listen = listen
            .into_iter()
            .map(|value| {
                value.parse().map_err(|_| ConfigError::Value {
                    setting: "listen",
                    value: value.clone(),
                    reason:
                        "an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080"
                            .into(),
                })
            })
            .collect::<Result<Vec<SocketAddr>, _>>()?;
        let mut policy = Policy {
            nonce: file.nonce,
            not_issued: file.not_issued,
            archive_cutoff: file.archive_cutoff,
            ..Policy::default()
        };
        if let Some(minutes) = file.validity_minutes {
            // Below two minutes clocks disagree; ten days is the longest CA/Browser Forum allows.
            if !(2..=14_400).contains(&minutes) {
                return Err(ConfigError::Value {
                    setting: "validity-minutes",
                    value: minutes.to_string(),
                    reason: "from 2 to 14400 (ten days)".into(),
                });
            }
            policy.validity = Duration::from_secs(u64::from(minutes) * 60);
        }
        policy.cache_entries = file.cache_entries.unwrap_or(policy.cache_entries);
        policy.queue = file.signing_queue.unwrap_or(policy.queue);
        if let Some(workers) = file.signing_workers {
            if !(1..=256).contains(&workers) {
                return Err(ConfigError::Value {
                    setting: "signing-workers",
                    value: workers.to_string(),
                    reason: "from 1 to 256".into(),
                });
            }
            policy.workers = workers;
        }
        let mut responders: Vec<ResponderConfig> = Vec::with_capacity(file.responder.len());
        for r in file.responder {
            if responders.iter().any(|other| other.ca == r.ca) {
                return Err(ConfigError::Duplicate(r.ca));
            }
            responders.push(ResponderConfig {
                ca: r.ca,
                certificate: folder.join(r.certificate),
                key: key_location(&r.key, folder)?,
                pin_file: r.pin_file.map(|p| folder.join(p)),
            });
        }
        Ok(Self {
            listen,
            record: folder.join(file.record),
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
            path: self.record.clone(),
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
        let certificate = read_certificate(&self.certificate)?;
        let pin = match &self.pin_file {
            Some(file) => &PinSource::File(file.clone()),
            None => pin,
        };
        let options = OpenOptions {
            sessions,
            ..OpenOptions::default()
        };
        let key =
            hsm_pkcs11::open(&self.key, pin, &options).map_err(|source| ConfigError::Key {
                ca: self.ca.clone(),
                key: Box::new(self.key.clone()),
                source: Box::new(source),
            })?;
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

fn key_location(text: &str, folder: &Path) -> Result<KeyLocation, ConfigError> {
    match text.parse() {
        Ok(KeyLocation::File(path)) => Ok(KeyLocation::File(folder.join(path))),
        Ok(location) => Ok(location),
        Err(error) => Err(ConfigError::Value {
            setting: "key",
            value: text.to_owned(),
            reason: error.to_string(),
        }),
    }
}

/// The first certificate of a PEM or DER file.
fn read_certificate(path: &Path) -> Result<Certificate, ConfigError> {
    let bytes = std::fs::read(path).map_err(|source| ConfigError::Read {
        what: "the responder certificate",
        path: path.to_owned(),
        source,
    })?;
    let none = || ConfigError::NoCertificate {
        path: path.to_owned(),
    };
    let der = pem::der_or_pem(&bytes, &["CERTIFICATE"])
        .map_err(|_| none())?
        .into_iter()
        .next()
        .ok_or_else(none)?;
    Certificate::from_der(der).map_err(|_| none())
}
