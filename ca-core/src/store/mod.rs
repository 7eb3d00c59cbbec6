//! The record: what was issued, revoked and published, and the journal of how.
//!
//! [`Store`] is the seam between the CA and a database. A backend knows how to make one [`Change`]
//! durable together with its journal record, and how to answer a handful of questions. It decides
//! nothing.

mod change;
mod error;
mod sql;
pub(crate) mod sqlite;

use core::fmt::Debug;

use pki_asn1::{Certificate, UnixTime};

pub use self::change::{
    Abandonment, Act, AuthorityRef, Change, Completion, CrlIntent, CrlPublication, Intent,
    NewAuthorityRow, RevocationAct,
};
pub use self::error::{Conflict, RecordName, StoreError};
use crate::authority::Authority;
use crate::engine::Statistics;
use crate::journal::JournalRow;
use crate::revocation::Revocation;
use crate::status::{CrlView, Status};

/// How far a certificate's issuance came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateState {
    /// Recorded; its signature is being made.
    Intended,
    /// Signed, verified, recorded, released.
    Issued,
    /// Interrupted after INTENT: closed as revoked, never released.
    Abandoned,
}

/// A certificate as it stands in the record.
#[derive(Clone, Debug)]
pub struct CertificateEntry {
    /// The issuing authority's name.
    pub authority: String,
    /// Serial number (content octets).
    pub serial: Vec<u8>,
    /// How far issuance came.
    pub state: CertificateState,
    /// The profile's name.
    pub profile: String,
    /// The subject for people.
    pub subject: String,
    /// Start of validity.
    pub not_before: UnixTime,
    /// End of validity.
    pub not_after: UnixTime,
    /// The certificate; `None` unless issued.
    pub certificate: Option<Certificate>,
    /// Its revocation, if any.
    pub revocation: Option<Revocation>,
}

/// Where the tables do not say what the journal says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The journal's record; `None` where the tables hold what no record put there.
    pub seq: Option<u64>,
    /// What is different.
    pub what: String,
}

/// Which certificates to find.
#[derive(Clone, Debug)]
pub enum Query {
    /// All.
    All,
    /// Those whose issuance was begun and neither finished nor closed.
    Unfinished,
    /// Those with this serial number.
    Serial(Vec<u8>),
    /// The one with this SHA-256 fingerprint.
    Fingerprint(Vec<u8>),
}

/// One revocation as a CRL needs it.
#[derive(Clone, Copy, Debug)]
pub struct RevokedSerial<'a> {
    /// Serial number (content octets).
    pub serial: &'a [u8],
    /// What the record says about it.
    pub revocation: Revocation,
}

/// A visitor of revocations.
pub type RevokedVisitor<'a> = dyn FnMut(RevokedSerial<'_>) -> Result<(), StoreError> + 'a;

/// A consistent view of one authority's revocations: every walk sees the same ones in the same order.
pub trait RevokedSnapshot {
    /// Walks over all of them.
    ///
    /// # Errors
    /// Where the record cannot be read or the visitor stops.
    fn for_each(&mut self, visit: &mut RevokedVisitor<'_>) -> Result<(), StoreError>;
}

/// A database that keeps the record: what every area needs. The questions of one area are in a trait
/// of its own.
pub trait Store: CrlStore + JournalStore + StatusStore + Debug + Send + Sync {
    /// Makes `change` and its journal record durable, both or neither, and returns the journal's
    /// sequence number. When this returns, a power cut no longer matters.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the record forbids it; the others where it cannot be written.
    fn commit(&self, change: Change) -> Result<u64, StoreError>;

    /// All authorities that have a certificate, in order of creation.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn authorities(&self) -> Result<Vec<Authority>, StoreError>;

    /// Certificates in order of issuance.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn certificates(&self, query: &Query) -> Result<Vec<CertificateEntry>, StoreError>;

    /// Counts and times.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn statistics(&self) -> Result<Statistics, StoreError>;
}

/// What the making of CRLs asks.
pub trait CrlStore {
    /// The number of the authority's last CRL, 0 before the first. Counts CRLs that were intended.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn last_crl_number(&self, authority: i64) -> Result<u64, StoreError>;

    /// The authority's latest published CRL.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn latest_crl(&self, authority: i64) -> Result<Option<CrlView>, StoreError>;

    /// Calls `with` with a consistent view of the authority's revocations.
    ///
    /// # Errors
    /// Where the record cannot be read, or `with` fails.
    fn revoked(
        &self,
        authority: i64,
        with: &mut dyn FnMut(&mut dyn RevokedSnapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// What an auditor asks.
pub trait JournalStore {
    /// Walks over the journal in order.
    ///
    /// # Errors
    /// Where the record cannot be read, or `visit` stops.
    fn journal(
        &self,
        visit: &mut dyn FnMut(JournalRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Walks over the journal in order, hands each record to `check`, and compares what it says with
    /// the tables, all of it as of one moment. The first difference, if there is one.
    ///
    /// # Errors
    /// Where the record cannot be read, or `check` stops.
    fn audit(
        &self,
        check: &mut dyn FnMut(&JournalRow) -> Result<(), StoreError>,
    ) -> Result<Option<Difference>, StoreError>;
}

/// What responders ask. See [`crate::status::StatusReader`].
pub trait StatusStore {
    /// The status of a serial number (content octets); `None` where never issued, or not to the end.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, StoreError>;

    /// The latest CRL of the authority of this name.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crl(&self, authority: &str) -> Result<Option<CrlView>, StoreError>;

    /// Its number.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crl_number(&self, authority: &str) -> Result<Option<u64>, StoreError>;

    /// A number that changes whenever a committed status, CRL or authority changes.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn version(&self) -> Result<u64, StoreError>;
}

impl CertificateEntry {
    /// The serial number in lower-case hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex::encode(&self.serial)
    }
}
