//! Questions to the record, over a pool of read-only connections. In write-ahead mode readers never
//! wait for the writer, nor it for them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pki_asn1::{Certificate, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::apply::state;
use super::audit::Audit;
use super::connect::{self, translate};
use crate::authority::Authority;
use crate::engine::Statistics;
use crate::journal::JournalRow;
use crate::revocation::{Revocation, RevocationReason};
use crate::status::{CrlView, Status};
use crate::store::{
    CertificateEntry, CertificateState, Difference, Query, RevokedSerial, RevokedSnapshot,
    RevokedVisitor, StoreError,
};

/// Read-only connections, opened when all are in use and kept for the next question.
#[derive(Clone, Debug)]
pub(crate) struct Readers(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    path: Arc<PathBuf>,
    idle: Mutex<Idle>,
}

/// Connections nobody uses now, all to one file.
#[derive(Debug)]
struct Idle {
    connections: Vec<Connection>,
    /// The file they were opened on.
    file: FileId,
}

/// What tells a file from another that took its name.
type FileId = (u64, u64);

impl Readers {
    /// Checks that the record can be read.
    pub(crate) fn open(path: Arc<PathBuf>) -> Result<Self, StoreError> {
        // Before opening: a file that is replaced in between is noticed by the next look.
        let file = identity(&path)?;
        let connections = vec![connect::read_only(&path)?];
        Ok(Self(Arc::new(Pool {
            path,
            idle: Mutex::new(Idle { connections, file }),
        })))
    }

    /// Leaves connections to a file that another has replaced, as a restored backup does: they would
    /// answer from the old one for ever.
    fn follow(&self) -> Result<(), StoreError> {
        let file = identity(&self.0.path)?;
        let mut idle = self.idle();
        if idle.file != file {
            idle.connections.clear();
            idle.file = file;
        }
        Ok(())
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, StoreError> {
        self.with_store(|db| ask(db).map_err(|e| translate(&self.0.path, e)))
    }

    fn with_store<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (taken, file) = {
            let mut idle = self.idle();
            (idle.connections.pop(), idle.file)
        };
        let connection = match taken {
            Some(connection) => connection,
            None => connect::read_only(&self.0.path)?,
        };
        let answer = ask(&connection);
        let mut idle = self.idle();
        if connection.is_autocommit() && idle.file == file {
            idle.connections.push(connection);
        }
        answer
    }

    fn certificate(&self, der: Vec<u8>) -> Result<Certificate, StoreError> {
        Certificate::from_der(der).map_err(|e| StoreError::Damaged {
            path: self.0.path.to_path_buf(),
            what: format!("a certificate in it does not decode: {e}"),
        })
    }

    pub(crate) fn authorities(&self) -> Result<Vec<Authority>, StoreError> {
        type Found = (i64, String, String, String, Option<String>, Vec<u8>);
        let rows: Vec<Found> = self.with(|db| {
            db.prepare_cached(
                "SELECT a.id, a.name, a.profile, a.key_location, i.name, a.certificate \
                 FROM authority a LEFT JOIN authority i ON i.id = a.issuer \
                 WHERE a.state = 1 ORDER BY a.id",
            )?
            .query_map([], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            })?
            .collect()
        })?;
        rows.into_iter()
            .map(|(id, name, profile, key_location, issuer, der)| {
                Ok(Authority {
                    id,
                    name,
                    profile,
                    certificate: self.certificate(der)?,
                    key_location,
                    issuer,
                })
            })
            .collect()
    }

    pub(crate) fn certificates(&self, query: &Query) -> Result<Vec<CertificateEntry>, StoreError> {
        let (condition, value) = match query {
            Query::All => ("?1 IS NULL", None),
            Query::Unfinished => ("c.state = 0 AND ?1 IS NULL", None),
            Query::Serial(serial) => ("c.serial = ?1", Some(serial)),
            Query::Fingerprint(digest) => ("c.fingerprint = ?1", Some(digest)),
        };
        let rows: Vec<(CertificateEntry, Option<Vec<u8>>)> = self.with(|db| {
            db.prepare_cached(&format!(
                "SELECT a.name, c.serial, c.state, c.profile, c.subject, c.not_before, c.not_after, \
                 c.der, r.revoked_at, r.reason, r.invalidity_date, r.requested_at \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                 WHERE {condition} ORDER BY c.id"
            ))?
            .query_map([value], entry)?
            .collect()
        })?;
        rows.into_iter()
            .map(|(mut entry, der)| {
                entry.certificate = der.map(|der| self.certificate(der)).transpose()?;
                Ok(entry)
            })
            .collect()
    }

    pub(crate) fn last_crl_number(&self, authority: i64) -> Result<u64, StoreError> {
        self.with(|db| {
            db.prepare_cached("SELECT crl_number FROM authority WHERE id = ?")?
                .query_row([authority], |row| unsigned(row, 0))
        })
    }

    pub(crate) fn latest_crl(&self, authority: i64) -> Result<Option<CrlView>, StoreError> {
        self.with(|db| {
            db.prepare_cached(
                "SELECT number, this_update, next_update, der FROM crl WHERE authority = ? \
                 ORDER BY number DESC LIMIT 1",
            )?
            .query_row([authority], crl)
            .optional()
        })
    }

    pub(crate) fn crl_by_name(&self, name: &str) -> Result<Option<CrlView>, StoreError> {
        self.with(|db| {
            db.prepare_cached(
                "SELECT c.number, c.this_update, c.next_update, c.der FROM crl c \
                 JOIN authority a ON a.id = c.authority WHERE a.name = ? AND a.state = 1 \
                 ORDER BY c.number DESC LIMIT 1",
            )?
            .query_row([name], crl)
            .optional()
        })
    }

    pub(crate) fn crl_number_by_name(&self, name: &str) -> Result<Option<u64>, StoreError> {
        self.with(|db| {
            db.prepare_cached(
                "SELECT c.number FROM crl c JOIN authority a ON a.id = c.authority \
                 WHERE a.name = ? AND a.state = 1 ORDER BY c.number DESC LIMIT 1",
            )?
            .query_row([name], |row| unsigned(row, 0))
            .optional()
        })
    }

    /// `None` where never issued, or not issued to the end.
    pub(crate) fn status(&self, name: &str, serial: &[u8]) -> Result<Option<Status>, StoreError> {
        self.with(|db| {
            db.prepare_cached(
                "SELECT c.state, r.revoked_at, r.reason, r.invalidity_date, r.requested_at \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                 WHERE a.name = ? AND a.state = 1 AND c.serial = ? AND c.state <> 0",
            )?
            .query_row((name, serial), |row| {
                Ok(match revocation(row, 1)? {
                    None => Status::Good,
                    Some(r) => Status::Revoked {
                        at: r.at,
                        reason: r.reason,
                        invalidity_date: r.invalidity_date,
                    },
                })
            })
            .optional()
        })
    }

    pub(crate) fn version(&self) -> Result<u64, StoreError> {
        self.follow()?;
        self.with(|db| {
            db.prepare_cached("SELECT version FROM status_version")?
                .query_row([], |row| unsigned(row, 0))
        })
    }

    pub(crate) fn revoked(
        &self,
        authority: i64,
        with: &mut dyn FnMut(&dyn RevokedSnapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with_store(|db| {
            let path = &self.0.path;
            // One transaction, so that both walks see the same revocations.
            let snapshot = db.unchecked_transaction().map_err(|e| translate(path, e))?;
            with(&Snapshot {
                db: &snapshot,
                path,
                authority,
            })
        })
    }

    pub(crate) fn journal(
        &self,
        visit: &mut dyn FnMut(JournalRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with_store(|db| {
            let failed = |e| translate(&self.0.path, e);
            let mut statement = db
                .prepare_cached("SELECT seq, prev, record, hash FROM journal ORDER BY seq")
                .map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                visit(journal_row(row).map_err(failed)?)?;
            }
            Ok(())
        })
    }

    pub(crate) fn audit(
        &self,
        check: &mut dyn FnMut(&JournalRow) -> Result<(), StoreError>,
    ) -> Result<Option<Difference>, StoreError> {
        self.with_store(|db| {
            let failed = |e| translate(&self.0.path, e);
            // One transaction, because another process may be issuing.
            let db = db.unchecked_transaction().map_err(failed)?;
            let mut audit = Audit::default();
            let mut statement = db
                .prepare_cached("SELECT seq, prev, record, hash FROM journal ORDER BY seq")
                .map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            let mut difference = None;
            while let Some(row) = rows.next().map_err(failed)? {
                let row = journal_row(row).map_err(failed)?;
                check(&row)?;
                // The chain is checked to its end: a broken one explains a difference.
                if difference.is_none() {
                    let what = audit.compare(&db, &row.record).map_err(failed)?;
                    difference = what.map(|what| Difference {
                        seq: Some(row.seq),
                        what,
                    });
                }
            }
            if difference.is_none() {
                let what = audit.finish(&db).map_err(failed)?;
                difference = what.map(|what| Difference { seq: None, what });
            }
            Ok(difference)
        })
    }

    pub(crate) fn statistics(&self) -> Result<Statistics, StoreError> {
        self.with(|db| {
            let count = |sql: &str| db.query_row(sql, [], |row| unsigned(row, 0));
            Ok(Statistics {
                authorities: count("SELECT count(*) FROM authority WHERE state = 1")?,
                issued: count("SELECT count(*) FROM certificate WHERE state = 1")?,
                revoked: count(
                    "SELECT count(*) FROM revocation r JOIN certificate c \
                     ON c.authority = r.authority AND c.serial = r.serial AND c.state = 1",
                )?,
                abandoned: count("SELECT count(*) FROM certificate WHERE state = 2")?,
                crls: count("SELECT count(*) FROM crl")?,
                journal_records: count("SELECT count(*) FROM journal")?,
                slowest_revocation_seconds: db.query_row(
                    "SELECT max(revoked_at - requested_at) FROM revocation",
                    [],
                    |row| Ok(row.get::<_, Option<i64>>(0)?.map(i64::unsigned_abs)),
                )?,
            })
        })
    }
}

/// Device and inode. A file that is open keeps its inode, so a new one never has the same.
#[cfg(unix)]
fn identity(path: &Path) -> Result<FileId, StoreError> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).map_err(|e| unseen(path, e))?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Other systems do not let an open file be replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> Result<FileId, StoreError> {
    std::fs::metadata(path)
        .map(|_| (0, 0))
        .map_err(|e| unseen(path, e))
}

fn unseen(path: &Path, error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::Missing(path.to_owned()),
        _ => connect::open_error(path, error),
    }
}

struct Snapshot<'a> {
    db: &'a Connection,
    path: &'a PathBuf,
    authority: i64,
}

impl RevokedSnapshot for Snapshot<'_> {
    fn for_each(&self, visit: &mut RevokedVisitor<'_>) -> Result<(), StoreError> {
        let failed = |e| translate(self.path, e);
        let mut statement = self
            .db
            .prepare_cached(
                "SELECT serial, revoked_at, reason, invalidity_date, requested_at \
                 FROM revocation WHERE authority = ? ORDER BY serial",
            )
            .map_err(failed)?;
        let mut rows = statement.query(params![self.authority]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let Some(revocation) = revocation(row, 1).map_err(failed)? else {
                continue;
            };
            let serial = row
                .get_ref(0)
                .and_then(|value| Ok(value.as_blob()?))
                .map_err(failed)?;
            visit(RevokedSerial { serial, revocation })?;
        }
        Ok(())
    }
}

fn entry(row: &Row<'_>) -> Result<(CertificateEntry, Option<Vec<u8>>), rusqlite::Error> {
    let found: i64 = row.get(2)?;
    let entry = CertificateEntry {
        authority: row.get(0)?,
        serial: row.get(1)?,
        state: match found {
            state::INTENDED => CertificateState::Intended,
            state::ISSUED => CertificateState::Issued,
            _ => CertificateState::Abandoned,
        },
        profile: row.get(3)?,
        subject: row.get(4)?,
        not_before: time(row, 5)?,
        not_after: time(row, 6)?,
        certificate: None,
        revocation: revocation(row, 8)?,
    };
    Ok((entry, row.get(7)?))
}

/// The revocation in four columns from `at` on: time, reason, invalidity date, request time.
fn revocation(row: &Row<'_>, at: usize) -> Result<Option<Revocation>, rusqlite::Error> {
    let Some(revoked_at) = row.get::<_, Option<i64>>(at)? else {
        return Ok(None);
    };
    let code: u8 = row.get(at + 1)?;
    Ok(Some(Revocation {
        at: UnixTime::from_secs(revoked_at),
        reason: RevocationReason::from_code(code).unwrap_or(RevocationReason::Unspecified),
        invalidity_date: row.get::<_, Option<i64>>(at + 2)?.map(UnixTime::from_secs),
        requested_at: time(row, at + 3)?,
    }))
}

fn crl(row: &Row<'_>) -> Result<CrlView, rusqlite::Error> {
    Ok(CrlView {
        number: unsigned(row, 0)?,
        this_update: time(row, 1)?,
        next_update: time(row, 2)?,
        der: row.get(3)?,
    })
}

fn journal_row(row: &Row<'_>) -> Result<JournalRow, rusqlite::Error> {
    Ok(JournalRow {
        seq: unsigned(row, 0)?,
        prev: octets(row, 1)?,
        record: octets(row, 2)?,
        hash: octets(row, 3)?,
    })
}

/// Whatever somebody put into the column: judging it is the verifier's work, not the database's.
fn octets(row: &Row<'_>, at: usize) -> Result<Vec<u8>, rusqlite::Error> {
    Ok(row.get_ref(at)?.as_bytes().unwrap_or_default().to_vec())
}

/// SQLite's integers are signed; what we count is not.
pub(super) fn unsigned(row: &Row<'_>, at: usize) -> Result<u64, rusqlite::Error> {
    row.get(at).map(i64::unsigned_abs)
}

fn time(row: &Row<'_>, at: usize) -> Result<UnixTime, rusqlite::Error> {
    row.get(at).map(UnixTime::from_secs)
}
