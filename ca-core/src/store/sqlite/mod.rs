//! The record in one SQLite file: write-ahead log, an fsync before every answer, one process that
//! writes, and any number of readers.

mod connect;
mod connection;
mod migrations;
#[cfg(test)]
mod plans;

use std::fs::File;
use std::path::{Path, PathBuf};

use pki_asn1::UnixTime;

use self::connection::Connection;
use super::sql::{Backend, Identity, SqlStore};
use super::{Act, Change, RecordName, Store as _, StoreError};

/// A SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    record: RecordName,
    /// Held as long as this process may issue; the operating system lets go of it with the process.
    _lock: Option<File>,
}

/// The record in a SQLite file.
pub(crate) type SqliteStore = SqlStore<Sqlite>;

impl SqliteStore {
    /// Creates an empty record whose journal begins with who created it and when.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where anything is at `path`; others where it cannot be written.
    pub(crate) fn create(
        path: &Path,
        at: UnixTime,
        actors: Vec<String>,
    ) -> Result<Self, StoreError> {
        connect::create(path)?;
        let store = Self::open(path)?;
        store.commit(Change {
            at,
            actors,
            act: Act::Create,
        })?;
        Ok(store)
    }

    /// Opens an existing record for this process alone.
    ///
    /// # Errors
    /// Where it is missing, not a record, in use, or cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = connect::lock(path)?;
        Self::writing(Sqlite::new(path, Some(lock)))
    }

    /// Opens an existing record for reading beside a process that writes.
    ///
    /// # Errors
    /// Where it is missing, not a record, or cannot be read.
    pub(crate) fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        Self::reading(Sqlite::new(path, None))
    }
}

impl Sqlite {
    fn new(path: &Path, lock: Option<File>) -> Self {
        Self {
            path: path.to_owned(),
            record: path.into(),
            _lock: lock,
        }
    }
}

impl Backend for Sqlite {
    type Connection = Connection;

    fn record(&self) -> &RecordName {
        &self.record
    }

    fn writer(&self) -> Result<Connection, StoreError> {
        Ok(Connection::new(
            connect::read_write(&self.path)?,
            &self.path,
        ))
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        Ok(Connection::new(connect::read_only(&self.path)?, &self.path))
    }

    fn identity(&self) -> Result<Identity, StoreError> {
        connect::identity(&self.path)
    }
}
