//! The statements of the record, written once for all databases.
//!
//! A driver ([`Backend`], [`Database`]) knows how to connect, to bind and to commit; the files beside
//! this one know the tables, one area each; [`SqlStore`] joins the two. Statements keep to what SQLite
//! and PostgreSQL understand alike: `?1` placeholders, `RETURNING`, `ON CONFLICT`, and walks that are
//! paged by key, so that no statement is open while another is asked.

mod apply;
mod audit;
mod authority;
pub(crate) mod catalogue;
mod certificate;
mod checkpoint;
pub(crate) mod crl;
mod crl_audit;
mod database;
mod following;
mod hierarchy;
mod import;
pub(crate) mod issued;
pub(crate) mod journal;
pub(crate) mod migrations;
mod profile;
mod readers;
mod registration;
pub(crate) mod revocation;
mod statistics;
mod status;
mod tile;
mod value;
mod writer;

use std::sync::Arc;

use pki_asn1::UnixTime;

pub(crate) use self::database::{
    Backend, Database, EachRow, Identity, Judge, OneRow, Origin, SqlError, Standing, Successor,
    Transaction,
};
use self::following::Following;
use self::readers::Readers;
pub(crate) use self::value::{Row, Value};
use self::writer::Writer;
use super::{Authority, CertificateEntry, Change, Query, Statistics, Store, StoreError};

/// Rows that a paged walk asks for at once.
const PAGE: i64 = 2_000;

/// States of authorities and certificates, as the tables hold them.
mod state {
    pub(super) const INTENDED: i64 = 0;
    pub(super) const ISSUED: i64 = 1;
    pub(super) const ABANDONED: i64 = 2;
}

/// The record in a database.
pub(crate) struct SqlStore<B: Backend> {
    readers: Readers<B>,
    following: Following<B::Connection>,
    /// `None` where opened read-only.
    writer: Option<Writer>,
}

impl<B: Backend> SqlStore<B> {
    /// For this process to change. The backend holds whatever keeps others from doing so.
    ///
    /// # Errors
    /// Where the record cannot be opened.
    pub(crate) fn writing(backend: B) -> Result<Self, StoreError> {
        let backend = Arc::new(backend);
        Ok(Self {
            writer: Some(Writer::start(backend.clone())?),
            readers: Readers::open(backend)?,
            following: Following::default(),
        })
    }

    /// For reading beside processes that change it.
    ///
    /// # Errors
    /// Where the record cannot be opened.
    pub(crate) fn reading(backend: B) -> Result<Self, StoreError> {
        Ok(Self {
            writer: None,
            readers: Readers::open(Arc::new(backend))?,
            following: Following::default(),
        })
    }

    /// Asks something.
    fn read<T>(
        &self,
        ask: impl Fn(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        self.readers.read(ask)
    }

    /// Asks several things of one moment.
    fn snapshot<T>(
        &self,
        ask: impl FnOnce(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        self.readers.snapshot(ask)
    }
}

impl<B: Backend> core::fmt::Debug for SqlStore<B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("SqlStore").field(&self.readers).finish()
    }
}

impl<B: Backend> Store for SqlStore<B> {
    fn commit(&self, change: Change) -> Result<u64, StoreError> {
        match &self.writer {
            Some(writer) => writer.commit(change),
            None => Err(StoreError::ReadOnly(self.readers.record())),
        }
    }

    fn authorities(&self) -> Result<Vec<Authority>, StoreError> {
        self.read(authority::all)
    }

    fn authority_count(&self) -> Result<u64, StoreError> {
        self.read(|db| db.number("SELECT count(*) FROM authority WHERE state = 1", &[]))
    }

    fn certificates(&self, query: &Query) -> Result<Vec<CertificateEntry>, StoreError> {
        self.read(|db| certificate::find(db, query))
    }

    fn statistics(&self, now: UnixTime) -> Result<Statistics, StoreError> {
        self.snapshot(|db| statistics::count(db, now))
    }
}
