//! The record in one SQLite file: write-ahead log, an fsync before every answer, one process that
//! writes, and any number of readers.

mod catalogue;
mod connect;
mod connection;
#[cfg(test)]
mod plans;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::OpenFlags;

use self::connection::Connection;
use super::backup::sync_folder;
use super::sql::{Backend, Database, Identity, SqlStore, Successor};
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
        Self::writing(Sqlite::locked(path)?)
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

/// A connection that reads a record of whatever format, for a backup.
pub(crate) fn any_format(path: &Path) -> Result<Connection, StoreError> {
    let inner = connect::any_format(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(Connection::new(inner, path, Arc::default()))
}

/// The place of a record that is being put back. The file has another name until it is whole; it is
/// removed where it never gets so far.
pub(crate) struct Place {
    path: PathBuf,
    parts: tempfile::TempDir,
}

impl Place {
    /// Where nothing is.
    pub(crate) fn new(path: &Path) -> Result<Self, StoreError> {
        if path.symlink_metadata().is_ok() {
            return Err(StoreError::Exists(path.into()));
        }
        let parts = tempfile::Builder::new()
            .prefix(".restore-")
            .tempdir_in(folder(path))
            .map_err(|e| connect::open_error(path, e))?;
        Ok(Self {
            path: path.to_owned(),
            parts,
        })
    }

    fn part(&self) -> PathBuf {
        self.parts.path().join("record.sqlite")
    }

    /// The file under its other name.
    pub(crate) fn connection(&self) -> Result<Connection, StoreError> {
        let inner = connect::new_file(&self.part())?;
        Ok(Connection::new(inner, &self.path, Arc::default()))
    }

    /// Gives the file its name, unless another has taken it meanwhile.
    pub(crate) fn take(self) -> Result<(), StoreError> {
        let failed = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::AlreadyExists => StoreError::Exists(self.path.as_path().into()),
            _ => connect::open_error(&self.path, e),
        };
        std::fs::hard_link(self.part(), &self.path).map_err(failed)?;
        sync_folder(folder(&self.path)).map_err(failed)
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

impl Sqlite {
    /// To be written by this process alone.
    pub(crate) fn locked(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::new(path, Some(connect::lock(path)?)))
    }

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
    const SUCCESSOR: Successor = Successor::Record;

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
