//! `[storage]`: where the record is, as the operator wrote it, and as it was checked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{LocationError, PostgresAccess, PostgresLocation, RecordLocation};

/// Longer files are no password and no list of certificates.
const MAX_FILE: u64 = 1 << 20;

/// The database as written in a configuration file. Paths are relative to that file's folder.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StorageConfig {
    /// `postgresql://USER@HOST/DATABASE`, without a password.
    pub url: String,
    /// The file that holds the password alone, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The certificates (PEM) that the server's certificate is verified against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificates: Option<PathBuf>,
}

/// Why `[storage]` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The URL.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// A file it names.
    #[error("cannot read {what} {}", path.display())]
    File {
        /// What it is for.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl StorageError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Location(error) => error.hint(),
            Self::File { .. } => "check the path and who may read the file".into(),
        }
    }
}

impl StorageConfig {
    /// Reads the files it names. `password` is the one from the environment, where no file is named.
    ///
    /// # Errors
    /// [`StorageError`]: the URL, or a file that cannot be read.
    pub fn location(
        &self,
        folder: &Path,
        password: Option<SecretString>,
    ) -> Result<RecordLocation, StorageError> {
        let password = match &self.password_file {
            None => password,
            Some(path) => {
                let text = read("the file with the database password", &folder.join(path))?;
                let text = String::from_utf8_lossy(&text);
                Some(SecretString::from(text.trim_end_matches(['\r', '\n'])))
            }
        };
        let ca_certificates = match &self.ca_certificates {
            None => None,
            Some(path) => Some(read(
                "the file with the database's CA certificates",
                &folder.join(path),
            )?),
        };
        let access = PostgresAccess {
            password,
            ca_certificates,
        };
        Ok(PostgresLocation::parse(&self.url, &access)?.into())
    }
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, StorageError> {
    let failed = |source| StorageError::File {
        what,
        path: path.to_owned(),
        source,
    };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > MAX_FILE {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    fs::read(path).map_err(failed)
}
