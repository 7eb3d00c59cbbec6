//! Creating, locking and opening the file; translating SQLite's errors into what the operator can do.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::store::StoreError;

const SCHEMA: &str = include_str!("schema.sql");
/// "SCEA" in ASCII: tells this file from other databases.
const APPLICATION_ID: i64 = 0x5343_4541;
const FORMAT: i64 = 1;
/// How long another process's command may take before we give up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Creates an empty record.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    // Claims the name, so that two processes never initialise one file.
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::Exists(path.to_owned()));
        }
        Err(source) => return Err(open_error(path, source)),
    }
    let connection = Connection::open(path).map_err(|e| translate(path, e))?;
    let script = format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; {SCHEMA} \
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; COMMIT;"
    );
    connection
        .execute_batch(&script)
        .map_err(|e| translate(path, e))
}

/// Takes the record for this process. The lock is on a file of its own, because SQLite uses locks on
/// the database for itself.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    // The file itself: two links to it are one record, and need one lock.
    let mut name = match path.canonicalize() {
        Ok(canonical) => canonical.into_os_string(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::Missing(path.to_owned()));
        }
        Err(e) => return Err(open_error(path, e)),
    };
    name.push(".lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(|e| open_error(path, e))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(open_error(path, source)),
        }
    }
}

/// A connection that may write: every commit waits for the disk.
pub(super) fn read_write(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )
        .map_err(|e| translate(path, e))?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn read_only(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| match e {
        // Readers of a write-ahead log share memory with the writer, in a file beside it.
        StoreError::ReadOnly(path) => StoreError::ReaderNotAllowed(path),
        e => e,
    })?;
    connection
        .execute_batch("PRAGMA query_only = ON;")
        .map_err(|e| translate(path, e))?;
    Ok(connection)
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    if path.is_dir() {
        return Err(StoreError::NotARecord(path.to_owned()));
    }
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| translate(path, e))?;
    connection
        .busy_timeout(PATIENCE)
        .map_err(|e| translate(path, e))?;
    connection.set_prepared_statement_cache_capacity(64);
    let pragma = |name: &str| -> Result<i64, StoreError> {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map_err(|e| translate(path, e))
    };
    if pragma("application_id")? != APPLICATION_ID {
        return Err(StoreError::NotARecord(path.to_owned()));
    }
    let found = pragma("user_version")?;
    if found != FORMAT {
        return Err(StoreError::Version {
            path: path.to_owned(),
            found,
            supported: FORMAT,
        });
    }
    Ok(connection)
}

pub(super) fn open_error(path: &Path, source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            StoreError::ReadOnly(path.to_owned())
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StoreError::DiskFull(path.to_owned())
        }
        _ => StoreError::Open {
            path: path.to_owned(),
            source,
        },
    }
}

/// What a database error means to the operator.
pub(super) fn translate(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    if extended_code(&error) == Some(ffi::SQLITE_IOERR_SHMSIZE) {
        return StoreError::DiskFull(path);
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly(path),
        Some(ErrorCode::DiskFull) => StoreError::DiskFull(path),
        Some(ErrorCode::NotADatabase) => StoreError::NotARecord(path),
        Some(ErrorCode::CannotOpen) => StoreError::Open {
            path,
            source: io::Error::other(error),
        },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged {
            path,
            what: error.to_string(),
        },
        _ => StoreError::Database {
            path,
            source: Box::new(error),
        },
    }
}

/// No room for the memory shared with readers is a full disk too, and no broken one.
fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(e, _) => Some(e.extended_code),
        _ => None,
    }
}

/// Whether the disk itself failed, after which nothing this process wrote can be relied on.
pub(super) fn is_io_failure(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt)
    )
}
