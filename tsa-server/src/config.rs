//! The configuration file of `sceau-tsa` (TOML) and what it turns into.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hsm_pkcs11::{KeyError, KeyLocation, OpenOptions, PinSource};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, Clock, pem};
use pki_crypto::DigestAlgorithm;

use crate::service::{Policy, Tsa};
use crate::unit::{Unit, UnitError};

/// The configuration as written; paths are resolved against the file's folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: Vec<SocketAddr>,
    /// The unit's certificate (PEM or DER).
    pub certificate: PathBuf,
    /// Certificates carried beside it.
    pub chain: Vec<PathBuf>,
    /// The unit's key.
    pub key: KeyLocation,
    /// The file with the key's PIN.
    pub pin_file: Option<PathBuf>,
    /// What is offered.
    pub policy: Policy,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    listen: Vec<String>,
    certificate: PathBuf,
    #[serde(default)]
    chain: Vec<PathBuf>,
    key: String,
    pin_file: Option<PathBuf>,
    policy: String,
    accuracy_ms: Option<u32>,
    digests: Option<Vec<String>>,
    signing_workers: Option<usize>,
    signing_queue: Option<usize>,
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
    /// A certificate file does not hold a certificate.
    #[error("{} holds no certificate in PEM or DER", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The key cannot be opened.
    #[error("cannot open the time-stamping key {key}")]
    Key {
        /// The key.
        key: Box<KeyLocation>,
        /// Why.
        source: Box<KeyError>,
    },
    /// Certificate and key are no time-stamping unit.
    #[error("{} cannot be used", path.display())]
    Unit {
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        source: UnitError,
    },
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
            Self::Syntax { .. } => Some("docs/sceau-tsa.md lists every setting".into()),
            Self::Value { .. } => None,
            Self::NoCertificate { .. } => {
                Some("give the file that sceau-ca issue --profile time-stamping-unit wrote".into())
            }
            Self::Key { source, .. } => source.hint(),
            Self::Unit { source, .. } => source.hint(),
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
        let value = |setting, value: String, reason: String| ConfigError::Value {
            setting,
            value,
            reason,
        };
        let listen: Vec<String> = match listen {
            Some(list) => list.split(',').map(|a| a.trim().to_owned()).collect(),
            None => file.listen,
        };
        let listen = listen
            .into_iter()
            .map(|text| {
                let reason =
                    "an address and a port are needed, such as 127.0.0.1:8081 or [::1]:8081";
                text.parse()
                    .map_err(|_| value("listen", text, reason.into()))
            })
            .collect::<Result<Vec<SocketAddr>, _>>()?;
        let oid: ObjectIdentifier = file.policy.parse().map_err(|_| {
            let reason = "an object identifier is needed, such as 0.4.0.2023.1.1";
            value("policy", file.policy.clone(), reason.into())
        })?;
        let mut policy = Policy::new(oid);
        if let Some(millis) = file.accuracy_ms {
            if !(1000..=3_600_000).contains(&millis) {
                let reason = "from 1000 (genTime has whole seconds) to 3600000";
                return Err(value("accuracy-ms", millis.to_string(), reason.into()));
            }
            policy.accuracy_ms = millis;
        }
        if let Some(names) = file.digests {
            policy.digests = names.into_iter().map(digest).collect::<Result<_, _>>()?;
            if policy.digests.is_empty() {
                let reason = "at least one is needed";
                return Err(value("digests", "[]".into(), reason.into()));
            }
        }
        if let Some(workers) = file.signing_workers {
            if !(1..=256).contains(&workers) {
                let reason = "from 1 to 256";
                return Err(value("signing-workers", workers.to_string(), reason.into()));
            }
            policy.workers = workers;
        }
        policy.queue = file.signing_queue.unwrap_or(policy.queue);
        let key = match file.key.parse() {
            Ok(KeyLocation::File(path)) => KeyLocation::File(folder.join(path)),
            Ok(location) => location,
            Err(error) => return Err(value("key", file.key, error.to_string())),
        };
        Ok(Self {
            listen,
            certificate: folder.join(file.certificate),
            chain: file.chain.into_iter().map(|c| folder.join(c)).collect(),
            key,
            pin_file: file.pin_file.map(|p| folder.join(p)),
            policy,
        })
    }

    /// Opens the key and checks the certificate, its time included. `pin` is where the PIN comes
    /// from where no file is named.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn open(&self, pin: &PinSource, clock: Arc<dyn Clock>) -> Result<Tsa, ConfigError> {
        let unusable = |source| ConfigError::Unit {
            path: self.certificate.clone(),
            source,
        };
        let certificate = certificates("the certificate", &self.certificate)?.swap_remove(0);
        let mut chain = Vec::new();
        for path in &self.chain {
            chain.extend(certificates("the chain certificate", path)?);
        }
        let pin = match &self.pin_file {
            Some(file) => &PinSource::File(file.clone()),
            None => pin,
        };
        let options = OpenOptions {
            sessions: self.policy.workers,
            ..OpenOptions::default()
        };
        let key =
            hsm_pkcs11::open(&self.key, pin, &options).map_err(|source| ConfigError::Key {
                key: Box::new(self.key.clone()),
                source: Box::new(source),
            })?;
        let unit = Unit::new(key.signer, certificate, &chain).map_err(unusable)?;
        unit.check_time(clock.now()).map_err(unusable)?;
        Tsa::new(unit, clock, self.policy.clone()).map_err(|error| ConfigError::Value {
            setting: "accuracy-ms",
            value: self.policy.accuracy_ms.to_string(),
            reason: error.to_string(),
        })
    }
}

/// EN 319 422 clause 5.1.2 leaves the list to TS 119 312: SHA-256 and better.
fn digest(name: String) -> Result<DigestAlgorithm, ConfigError> {
    DigestAlgorithm::ALL
        .into_iter()
        .filter(|d| d.output_len() >= 32)
        .find(|d| d.name().eq_ignore_ascii_case(&name))
        .ok_or_else(|| ConfigError::Value {
            setting: "digests",
            value: name,
            reason: "one of SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512".into(),
        })
}

/// The certificates of a PEM or DER file, at least one.
fn certificates(what: &'static str, path: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let bytes = std::fs::read(path).map_err(|source| ConfigError::Read {
        what,
        path: path.to_owned(),
        source,
    })?;
    let none = || ConfigError::NoCertificate {
        path: path.to_owned(),
    };
    let found = pem::der_or_pem(&bytes, &["CERTIFICATE"]).map_err(|_| none())?;
    if found.is_empty() {
        return Err(none());
    }
    found
        .into_iter()
        .map(|der| Certificate::from_der(der).map_err(|_| none()))
        .collect()
}
