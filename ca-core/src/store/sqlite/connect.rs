//! Creating, locking and opening the file; translating SQLite's errors into what the operator can do.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::store::sql::Identity;
use crate::store::sql::migrations::{self, FORMAT};
use crate::store::{RecordName, StoreError};

/// "SCEA" in ASCII: tells this file from other databases.
const APPLICATION_ID: i64 = 0x5343_4541;
/// How long another process's command may take before we give up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Creates an empty record.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    // Claims the name, so that two processes never initialise one file.
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::Exists(path.into()));
        }
        Err(source) => return Err(open_error(path, source)),
    }
    let connection = Connection::open(path).map_err(|e| translate(&path.into(), e))?;
    let mut script =
        String::from("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE;");
    for (_, step) in migrations::after(0) {
        script += step.sqlite;
    }
    script += &mark(FORMAT);
    script += "COMMIT;";
    connection
        .execute_batch(&script)
        .map_err(|e| translate(&path.into(), e))
}

/// Says that the file is a record, and in which format.
pub(super) fn mark(format: i64) -> String {
    format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {format};")
}

/// A new file that nobody takes for a record yet.
pub(super) fn new_file(path: &Path) -> Result<Connection, StoreError> {
    Connection::open(path).map_err(|e| translate(&path.into(), e))
}

/// Brings a record to the present format, each step in a transaction; its format before.
pub(super) fn migrate(path: &Path) -> Result<i64, StoreError> {
    let record = path.into();
    let failed = |e| translate(&record, e);
    let connection = any_format(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let before = format(&connection).map_err(failed)?;
    if before > FORMAT {
        migrations::check(&record, before)?;
    }
    connection
        .execute_batch("PRAGMA synchronous = FULL")
        .map_err(failed)?;
    for (to, step) in migrations::after(before) {
        let step = step.sqlite;
        // An error rolls back when the connection is closed, at the end of this function.
        let script = format!("BEGIN EXCLUSIVE; {step} PRAGMA user_version = {to}; COMMIT;");
        connection.execute_batch(&script).map_err(failed)?;
    }
    Ok(before)
}

/// Takes the record for this process. The lock is on a file of its own, because SQLite uses locks on
/// the database for itself.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    // The file itself: two links to it are one record, and need one lock.
    let mut name = match path.canonicalize() {
        Ok(canonical) => canonical.into_os_string(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::Missing(path.into()));
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
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(path.into())),
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
        .map_err(|e| translate(&path.into(), e))?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn read_only(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| match e {
        // Readers of a write-ahead log share memory with the writer, in a file beside it.
        StoreError::ReadOnly(record) => StoreError::ReaderNotAllowed(record),
        e => e,
    })?;
    connection
        .execute_batch("PRAGMA query_only = ON;")
        .map_err(|e| translate(&path.into(), e))?;
    Ok(connection)
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let connection = any_format(path, access)?;
    let record = path.into();
    let found = format(&connection).map_err(|e| translate(&record, e))?;
    migrations::check(&record, found)?;
    Ok(connection)
}

fn format(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// A record, whatever its format.
pub(super) fn any_format(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.into()));
    }
    if path.is_dir() {
        return Err(StoreError::NotARecord(path.into()));
    }
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|e| translate(&path.into(), e))?;
    connection
        .busy_timeout(PATIENCE)
        .map_err(|e| translate(&path.into(), e))?;
    connection.set_prepared_statement_cache_capacity(64);
    let application: i64 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(|e| translate(&path.into(), e))?;
    if application != APPLICATION_ID {
        return Err(StoreError::NotARecord(path.into()));
    }
    Ok(connection)
}

pub(super) fn open_error(path: &Path, source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            StoreError::ReadOnly(path.into())
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StoreError::DiskFull(path.into())
        }
        _ => StoreError::Open {
            record: path.into(),
            source,
        },
    }
}

/// What a database error means to the operator.
pub(super) fn translate(record: &RecordName, error: rusqlite::Error) -> StoreError {
    let record = record.clone();
    if extended_code(&error) == Some(ffi::SQLITE_IOERR_SHMSIZE) {
        return StoreError::DiskFull(record);
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked(record),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly(record),
        Some(ErrorCode::DiskFull) => StoreError::DiskFull(record),
        Some(ErrorCode::NotADatabase) => StoreError::NotARecord(record),
        Some(ErrorCode::CannotOpen) => StoreError::Open {
            record,
            source: io::Error::other(error),
        },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged {
            record,
            what: error.to_string(),
        },
        _ => StoreError::Database {
            record,
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

/// Device and inode. A file that is open keeps its inode, so a new one never has the same.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Result<Identity, StoreError> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).map_err(|e| unseen(path, e))?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Other systems do not let an open file be replaced.
#[cfg(not(unix))]
pub(super) fn identity(path: &Path) -> Result<Identity, StoreError> {
    std::fs::metadata(path)
        .map(|_| (0, 0))
        .map_err(|e| unseen(path, e))
}

fn unseen(path: &Path, error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::Missing(path.into()),
        _ => open_error(path, error),
    }
}
