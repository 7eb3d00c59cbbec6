//! The certification authority's folder: configuration, record, keys.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca_core::crl::CrlPolicy;
use ca_core::store::{RecordLocation, StorageConfig};
use ca_core::{CaEngine, Settings};
use cli_support::{Exit, Failure, ResultExt as _, env};
use pki_asn1::SystemClock;

use crate::config::{self, ConfigFile};
use crate::explain::Explained as _;

const RECORD: &str = "record.sqlite";

/// An opened folder.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) config: ConfigFile,
    pub(crate) engine: CaEngine,
}

/// What is to be done with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Look at it, while another process may be writing.
    Read,
    /// Change it, as the only process.
    Write,
}

impl Folder {
    /// Opens the folder at `path`.
    pub(crate) fn open(path: &Path, access: Access) -> Result<Self, Failure> {
        let config = configuration(path)?;
        let config_file = path.join(config::FILE_NAME);
        let settings = Settings::new(config.settings())
            .map_err(|e| misconfigured(&config_file, e.hint(), e))?;
        let crl = CrlPolicy::new(config.crl.clone())
            .map_err(|e| misconfigured(&config_file, e.hint(), e))?;
        let settings = settings.with_crl(crl);
        let clock = Arc::new(SystemClock);
        let record = location(path, config.storage.as_ref())?;
        let engine = match access {
            Access::Read => CaEngine::open_read_only(&record, settings, clock),
            Access::Write => CaEngine::open(&record, settings, clock),
        }
        .explained()?
        .with_registration(config.registration.settings()?);
        Ok(Self {
            path: path.to_owned(),
            config,
            engine,
        })
    }
}

fn misconfigured(
    file: &Path,
    hint: Option<String>,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Failure {
    let failure = Failure::new(Exit::Config, error).with_context(file.display());
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// The configuration of the authority in `folder`.
pub(crate) fn configuration(folder: &Path) -> Result<ConfigFile, Failure> {
    if !folder.join(config::FILE_NAME).exists() {
        return Err(Failure::message(
            Exit::Unavailable,
            format_args!(
                "there is no certification authority in {}: no {}",
                folder.display(),
                config::FILE_NAME
            ),
        )
        .with_hint("name its folder with -C, or create one with sceau-ca init"));
    }
    ConfigFile::load(folder)
}

/// The record's path, where it is in the folder.
pub(crate) fn record(folder: &Path) -> PathBuf {
    folder.join(RECORD)
}

/// Where the record is: in the folder, or in the database that `[storage]` names.
pub(crate) fn location(
    folder: &Path,
    storage: Option<&StorageConfig>,
) -> Result<RecordLocation, Failure> {
    match storage {
        None => Ok(record(folder).as_path().into()),
        Some(storage) => storage
            .location(folder, env::database_password())
            .explain(|e| (Exit::Config, Some(e.hint()))),
    }
}

/// Where software keys are kept by custom.
pub(crate) fn keys(folder: &Path) -> PathBuf {
    folder.join("keys")
}
