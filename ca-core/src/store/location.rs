//! Where a record is: a SQLite file, or a PostgreSQL database. Everything else about the two is the
//! same for whoever uses a [`Store`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pki_asn1::UnixTime;

use super::postgres::{PostgresLocation, PostgresStore, Pulse};
use super::sqlite::SqliteStore;
use super::{Act, Change, RecordName, Store, StoreError};

/// Where a record is.
#[derive(Clone, Debug)]
pub enum RecordLocation {
    /// A SQLite file, for one machine.
    File(PathBuf),
    /// A PostgreSQL database, for several.
    Postgres(PostgresLocation),
}

impl RecordLocation {
    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> RecordName {
        match self {
            Self::File(path) => path.as_path().into(),
            Self::Postgres(location) => location.name().clone(),
        }
    }

    /// Creates an empty record whose journal begins with who created it and when.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where anything is there; others where it cannot be written.
    pub fn create(&self, at: UnixTime, actors: Vec<String>) -> Result<Arc<dyn Store>, StoreError> {
        let mut id = [0; 32];
        getrandom::fill(&mut id).map_err(|e| StoreError::Random(e.to_string()))?;
        match self {
            Self::File(path) => SqliteStore::create_empty(path)?,
            Self::Postgres(location) => PostgresStore::create_empty(location)?,
        }
        let store = self.open()?;
        store.commit(Change {
            at,
            actors,
            act: Act::Create { id },
            mandate: None,
        })?;
        Ok(store)
    }

    /// Opens an existing record to change it: a file for this process alone, a database beside others.
    ///
    /// # Errors
    /// Where it is missing, not a record, in use, of another format, or cannot be written durably.
    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open(path)?),
            Self::Postgres(location) => Arc::new(PostgresStore::open(location)?),
        })
    }

    /// Opens an existing record for reading beside processes that change it; of a database, also a
    /// copy that follows it.
    ///
    /// # Errors
    /// Where it is missing, not a record, of another format, or cannot be read.
    pub fn open_read_only(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open_read_only(path)?),
            Self::Postgres(location) => Arc::new(PostgresStore::open_read_only(location)?),
        })
    }

    /// Lets the copies of a database know, as long as the value lives, that they follow a primary that
    /// lives; a file has no copies.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn pulse(&self) -> Result<Option<Pulse>, StoreError> {
        match self {
            Self::File(_) => Ok(None),
            Self::Postgres(location) => Pulse::start(location).map(Some),
        }
    }

    /// Brings a record of an earlier format to the present one; its format before.
    ///
    /// # Errors
    /// Where it is missing, not a record, in use, newer, or cannot be written.
    pub fn migrate(&self) -> Result<i64, StoreError> {
        match self {
            Self::File(path) => SqliteStore::migrate(path),
            Self::Postgres(location) => PostgresStore::migrate(location),
        }
    }
}

impl From<&Path> for RecordLocation {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for RecordLocation {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<PostgresLocation> for RecordLocation {
    fn from(location: PostgresLocation) -> Self {
        Self::Postgres(location)
    }
}

impl From<&Self> for RecordLocation {
    fn from(location: &Self) -> Self {
        location.clone()
    }
}
