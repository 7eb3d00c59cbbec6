//! What the services' configuration files have in common: addresses, keys and certificates, with
//! errors that name the setting, the file and the remedy.

mod http;
mod limits;

use std::path::{Path, PathBuf};

use cli_support::{Exit, Failure, env};
use hsm_pkcs11::{ErrorKind, KeyError, KeyLocation, OpenOptions, OpenedKey, PinSource};
use pki_asn1::{Certificate, pem};

pub use cli_support::config::load;

pub use self::http::{Http, HttpFile, TlsFile};
pub use self::limits::LimitsFile;

/// Why a setting, or a file that it names, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// Its value cannot be used.
    #[error("{setting} = {value:?} cannot be used: {reason}")]
    Value {
        /// The setting, or the environment variable in its place.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
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
    /// A certificate file does not hold a certificate.
    #[error("{} holds no certificate in PEM or DER", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// The command that writes such files.
        command: &'static str,
    },
    /// A key cannot be opened.
    #[error("cannot open {key}, {what}")]
    Key {
        /// What the key is for.
        what: String,
        /// The key.
        key: Box<KeyLocation>,
        /// Why.
        source: Box<KeyError>,
    },
}

impl SettingError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Value { .. } => None,
            Self::Read { what, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some(format!(
                    "check the path of {what}; paths in the configuration are relative to its folder"
                ))
            }
            Self::Read { .. } => {
                Some("check that it is a file, its owner and its permissions".into())
            }
            Self::NoCertificate { command, .. } => {
                Some(format!("give the file that {command} wrote"))
            }
            Self::Key { source, .. } if source.kind() == ErrorKind::PinRequired => Some(format!(
                "name a file that holds it with pin-file, set {}, or run on a terminal to be asked",
                env::PIN.name
            )),
            Self::Key { source, .. } => source.hint(),
        }
    }

    /// The exit code of a program that ends with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Key { source, .. } => match source.kind() {
                ErrorKind::PinRequired | ErrorKind::WrongPin | ErrorKind::PinLocked => {
                    Exit::Permission
                }
                _ => Exit::Unavailable,
            },
            _ => Exit::Config,
        }
    }
}

impl From<&SettingError> for (Exit, Option<String>) {
    fn from(error: &SettingError) -> Self {
        (error.exit(), error.hint())
    }
}

/// A failure of a setting, as the program reports it.
#[must_use]
pub fn failure(error: SettingError) -> Failure {
    let (exit, hint) = (&error).into();
    let mut failure = Failure::new(exit, error);
    failure.hint = hint;
    failure
}

/// A key's location; that of a file is relative to `folder`.
///
/// # Errors
/// [`SettingError::Value`].
pub fn key_location(text: String, folder: &Path) -> Result<KeyLocation, SettingError> {
    match text.parse() {
        Ok(KeyLocation::File(path)) => Ok(KeyLocation::File(folder.join(path))),
        Ok(location) => Ok(location),
        Err(error) => Err(SettingError::Value {
            setting: "key",
            value: text,
            reason: error.to_string(),
        }),
    }
}

/// How many may sign at one time.
///
/// # Errors
/// [`SettingError::Value`] outside 1 to 256.
pub fn signing_workers(workers: usize) -> Result<usize, SettingError> {
    if (1..=256).contains(&workers) {
        return Ok(workers);
    }
    Err(SettingError::Value {
        setting: "signing-workers",
        value: workers.to_string(),
        reason: "from 1 to 256".into(),
    })
}

/// Opens a key with as many sessions as may sign at one time. The PIN is in `pin_file` where one is
/// named, else where `pin` says. `what` is what the key is for.
///
/// # Errors
/// [`SettingError::Key`].
pub fn open_key(
    what: impl FnOnce() -> String,
    key: &KeyLocation,
    pin_file: Option<&Path>,
    pin: &PinSource,
    sessions: usize,
) -> Result<OpenedKey, SettingError> {
    let options = OpenOptions {
        sessions,
        ..OpenOptions::default()
    };
    open_key_with(what, key, pin_file, pin, &options)
}

pub(crate) fn open_key_with(
    what: impl FnOnce() -> String,
    key: &KeyLocation,
    pin_file: Option<&Path>,
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, SettingError> {
    let file = pin_file.map(|path| PinSource::File(path.to_owned()));
    hsm_pkcs11::open(key, file.as_ref().unwrap_or(pin), options).map_err(|source| {
        SettingError::Key {
            what: what(),
            key: Box::new(key.clone()),
            source: Box::new(source),
        }
    })
}

/// The certificates of a PEM or DER file, at least one. `command` is the one that writes such files.
///
/// # Errors
/// [`SettingError::Read`] and [`SettingError::NoCertificate`].
pub fn certificates(
    what: &'static str,
    path: &Path,
    command: &'static str,
) -> Result<Vec<Certificate>, SettingError> {
    let bytes = std::fs::read(path).map_err(|source| SettingError::Read {
        what,
        path: path.to_owned(),
        source,
    })?;
    let none = || SettingError::NoCertificate {
        path: path.to_owned(),
        command,
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
