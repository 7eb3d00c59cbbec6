//! The record: what was issued, revoked and published, and the journal of how.
//!
//! [`Store`] is the seam between the CA and a database. A backend knows how to make one [`Change`]
//! durable together with its journal record, and how to answer a handful of questions. It decides
//! nothing.

mod change;
mod crl;
mod error;
mod location;
mod postgres;
mod sql;
mod sqlite;

use core::fmt::Debug;

use pki_asn1::{Certificate, UnixTime};

pub use self::change::{
    Abandonment, Act, AuthorityRef, Change, Completion, CrlIntent, CrlPublication, Intent,
    NewAuthorityRow, Occasion, RevocationAct, SuspensionAct,
};
pub use self::crl::{CrlSnapshot, CrlStore, EntryVisitor, LeaveOut, PublishedCrl};
pub use self::error::{Conflict, RecordName, StoreError};
pub use self::location::RecordLocation;
pub use self::postgres::{LocationError, PostgresAccess, PostgresLocation};
use crate::authority::Authority;
use crate::crl::CrlName;
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
    /// Those whose issuance was begun and neither finished nor closed, by a process that is gone.
    Interrupted,
    /// Those with this serial number.
    Serial(Vec<u8>),
    /// The one with this SHA-256 fingerprint.
    Fingerprint(Vec<u8>),
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

    /// How many these are.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn authority_count(&self) -> Result<u64, StoreError>;

    /// Certificates in order of issuance.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn certificates(&self, query: &Query) -> Result<Vec<CertificateEntry>, StoreError>;

    /// Counts and times, as they are at `now`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn statistics(&self, now: UnixTime) -> Result<Statistics, StoreError>;
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

    /// The latest CRL of a line of the authority of this name, with all its bytes.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, StoreError>;

    /// The same without its bytes.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn published_crl(
        &self,
        authority: &str,
        name: CrlName,
    ) -> Result<Option<PublishedCrl>, StoreError>;

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
