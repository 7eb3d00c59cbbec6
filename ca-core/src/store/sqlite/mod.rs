//! The record in one SQLite file: write-ahead log, an fsync before every answer, one writer thread
//! that commits what is waiting together, and any number of readers.

mod apply;
mod audit;
mod connect;
mod read;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Act, CertificateEntry, Change, Difference, Query, RevokedSnapshot, Store, StoreError};
use crate::authority::Authority;
use crate::engine::Statistics;
use crate::journal::JournalRow;
use crate::status::CrlView;

pub(crate) use self::read::Readers;
use self::writer::Writer;
use pki_asn1::UnixTime;

/// The record in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: Arc<PathBuf>,
    readers: Readers,
    /// `None` where opened read-only.
    writer: Option<Writer>,
    /// Held as long as this process may issue; the operating system lets go of it with the process.
    _lock: Option<File>,
}

impl SqliteStore {
    /// Creates an empty record whose journal begins with who created it and when.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where anything is at `path`; others where it cannot be written.
    pub fn create(path: &Path, at: UnixTime, actors: Vec<String>) -> Result<Self, StoreError> {
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
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = connect::lock(path)?;
        let path = Arc::new(path.to_owned());
        let writer = Writer::start(connect::read_write(&path)?, path.clone())?;
        Ok(Self {
            readers: Readers::open(path.clone())?,
            path,
            writer: Some(writer),
            _lock: Some(lock),
        })
    }

    /// Opens an existing record for reading beside a process that writes.
    ///
    /// # Errors
    /// Where it is missing, not a record, or cannot be read.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let path = Arc::new(path.to_owned());
        Ok(Self {
            readers: Readers::open(path.clone())?,
            path,
            writer: None,
            _lock: None,
        })
    }
}

impl Store for SqliteStore {
    fn commit(&self, change: Change) -> Result<u64, StoreError> {
        match &self.writer {
            Some(writer) => writer.commit(change),
            None => Err(StoreError::ReadOnly(self.path.to_path_buf())),
        }
    }

    fn authorities(&self) -> Result<Vec<Authority>, StoreError> {
        self.readers.authorities()
    }

    fn certificates(&self, query: &Query) -> Result<Vec<CertificateEntry>, StoreError> {
        self.readers.certificates(query)
    }

    fn last_crl_number(&self, authority: i64) -> Result<u64, StoreError> {
        self.readers.last_crl_number(authority)
    }

    fn latest_crl(&self, authority: i64) -> Result<Option<CrlView>, StoreError> {
        self.readers.latest_crl(authority)
    }

    fn revoked(
        &self,
        authority: i64,
        with: &mut dyn FnMut(&dyn RevokedSnapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.readers.revoked(authority, with)
    }

    fn journal(
        &self,
        visit: &mut dyn FnMut(JournalRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.readers.journal(visit)
    }

    fn audit(
        &self,
        check: &mut dyn FnMut(&JournalRow) -> Result<(), StoreError>,
    ) -> Result<Option<Difference>, StoreError> {
        self.readers.audit(check)
    }

    fn statistics(&self) -> Result<Statistics, StoreError> {
        self.readers.statistics()
    }
}
