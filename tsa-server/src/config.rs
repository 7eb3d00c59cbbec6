//! The configuration file of `sceau-tsa` (TOML) and what it turns into.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cli_support::{Exit, Failure, ResultExt as _, env};
use hsm_pkcs11::{KeyLocation, PinSource};
use http_service::settings::{self, Http, HttpFile, SettingError};
use pki_asn1::Clock;
use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;

use crate::service::{Policy, Tsa};
use crate::unit::{Unit, UnitError};

/// The configuration as written; paths are resolved against the file's folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub http: Http,
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
    #[serde(default)]
    admin_listen: Vec<String>,
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
    /// A setting, or a file it names, cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
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
            Self::Setting(error) => error.hint(),
            Self::Unit { source, .. } => source.hint(),
        }
    }
}

impl ConfigError {
    /// The exit code and the hint of a program that ends with it.
    #[must_use]
    pub fn explain(&self) -> (Exit, Option<String>) {
        let exit = match self {
            Self::Setting(error) => error.exit(),
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
        let http = Http::new(http, env::TSA_LISTEN, listen)?;
        let value = |setting, value: String, reason: &str| {
            ConfigError::Setting(SettingError::Value {
                setting,
                value,
                reason: reason.into(),
            })
        };
        let oid: ObjectIdentifier = file.policy.parse().map_err(|_| {
            let reason = "an object identifier is needed, such as 0.4.0.2023.1.1";
            value("policy", file.policy.clone(), reason)
        })?;
        let mut policy = Policy::new(oid);
        if let Some(millis) = file.accuracy_ms {
            if !(1000..=3_600_000).contains(&millis) {
                let reason = "from 1000 (genTime has whole seconds) to 3600000";
                return Err(value("accuracy-ms", millis.to_string(), reason));
            }
            policy.accuracy_ms = millis;
        }
        if let Some(names) = file.digests {
            policy.digests = names.into_iter().map(digest).collect::<Result<_, _>>()?;
            if policy.digests.is_empty() {
                let reason = "at least one is needed";
                return Err(value("digests", "[]".into(), reason));
            }
        }
        if let Some(workers) = file.signing_workers {
            policy.workers = settings::signing_workers(workers)?;
        }
        policy.queue = file.signing_queue.unwrap_or(policy.queue);
        let key = settings::key_location(file.key, folder)?;
        Ok(Self {
            http,
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
        let command = "sceau-ca issue --profile time-stamping-unit";
        let certificate =
            settings::certificates("the certificate", &self.certificate, command)?.swap_remove(0);
        let mut chain = Vec::new();
        for path in &self.chain {
            let command = "sceau-ca ca show";
            chain.extend(settings::certificates(
                "the chain certificate",
                path,
                command,
            )?);
        }
        let what = || "the time-stamping key".to_owned();
        let pin_file = self.pin_file.as_deref();
        let key = settings::open_key(what, &self.key, pin_file, pin, self.policy.workers)?;
        let unit = Unit::new(key.signer, certificate, &chain).map_err(unusable)?;
        unit.check_time(clock.now()).map_err(unusable)?;
        Tsa::new(unit, clock, self.policy.clone()).map_err(|error| {
            ConfigError::Setting(SettingError::Value {
                setting: "accuracy-ms",
                value: self.policy.accuracy_ms.to_string(),
                reason: error.to_string(),
            })
        })
    }
}

/// EN 319 422 clause 5.1.2 leaves the list to TS 119 312: SHA-256 and better.
fn digest(name: String) -> Result<DigestAlgorithm, SettingError> {
    DigestAlgorithm::ALL
        .into_iter()
        .filter(|d| d.output_len() >= 32)
        .find(|d| d.name().eq_ignore_ascii_case(&name))
        .ok_or_else(|| SettingError::Value {
            setting: "digests",
            value: name,
            reason: "one of SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512".into(),
        })
}
