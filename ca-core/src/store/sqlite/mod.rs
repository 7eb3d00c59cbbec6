//! The record in one SQLite file: write-ahead log, an fsync before every answer, one process that
//! writes, and any number of readers.

mod connect;
mod connection;
#[cfg(test)]
mod plans;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use self::connection::Connection;
use super::sql::{Backend, Database, Identity, SqlStore};
use super::{RecordName, StoreError};

/// A SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    record: RecordName,
    /// The number of this process, 0 until it writes.
    instance: Arc<AtomicI64>,
    /// Held as long as this process may issue; the operating system lets go of it with the process.
    _lock: Option<File>,
}

/// The record in a SQLite file.
pub(crate) type SqliteStore = SqlStore<Sqlite>;

impl SqliteStore {
    /// Creates an empty record.
    pub(crate) fn create_empty(path: &Path) -> Result<(), StoreError> {
        connect::create(path)
    }

    /// Opens an existing record for this process alone.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = connect::lock(path)?;
        Self::writing(Sqlite::new(path, Some(lock)))
    }

    /// Opens an existing record for reading beside a process that writes.
    pub(crate) fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        Self::reading(Sqlite::new(path, None))
    }

    /// Brings it to the present format; its format before.
    pub(crate) fn migrate(path: &Path) -> Result<i64, StoreError> {
        let _lock = connect::lock(path)?;
        connect::migrate(path)
    }
}

impl Sqlite {
    fn new(path: &Path, lock: Option<File>) -> Self {
        Self {
            path: path.to_owned(),
            record: path.into(),
            instance: Arc::new(AtomicI64::new(0)),
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
        let inner = connect::read_write(&self.path)?;
        let mut connection = Connection::new(inner, &self.path, self.instance.clone());
        // The file's lock keeps everybody else out; the number tells what an earlier process began.
        let db: &mut dyn Database = &mut connection;
        let instance = db.one(
            "INSERT INTO instance (process) VALUES (?1) RETURNING id",
            &[(&format!("process {}", std::process::id())).into()],
            |row| row.get(0),
        )?;
        self.instance
            .store(instance.unwrap_or(0), Ordering::Relaxed);
        Ok(connection)
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let inner = connect::read_only(&self.path)?;
        Ok(Connection::new(inner, &self.path, self.instance.clone()))
    }

    fn identity(&self) -> Result<Identity, StoreError> {
        connect::identity(&self.path)
    }
}
