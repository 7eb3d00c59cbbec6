//! The record: what was issued, revoked and published, and the journal of how.
//!
//! [`Store`] is the seam between the CA and a database. A backend knows how to make one [`Change`]
//! durable together with its journal record, and how to answer a handful of questions. It decides
//! nothing.

mod backup;
mod change;
mod crl;
mod error;
#[cfg(test)]
mod faults;
mod hierarchy;
mod location;
mod postgres;
mod registration;
mod sql;
mod sqlite;
mod storage;

use core::fmt::Debug;
use core::ops::RangeInclusive;
use core::time::Duration;

use pki_asn1::{Certificate, UnixTime};

pub use self::backup::{BackupError, BackupReport};
pub use self::change::{
    Abandonment, Act, AdoptedAuthority, Adoption, AuditAct, AuthorityRef, CaCertificateKind,
    CertificatesAtEnd, CertifiedAuthority, Change, CheckpointStamp, CodeRefusal, Completion,
    CrlImport, CrlIntent, CrlPublication, HierarchyAct, ImportAct, ImportedCertificate,
    ImportedCrlNumber, ImportedEntries, ImportedEntry, ImportedRevocation, IndexedCertificate,
    Intent, IntentRegistration, IntentRequest, IssuesBesideSuccessor, KeyOrigin, Mandate,
    NewAuthorityRow, NewJournalKey, Occasion, ProfileAct, ProfileAddition, RegistrationAct,
    RequestIntent, RequestNeed, RevocationAct, Step, SuspensionAct, Termination,
};
pub use self::crl::{CrlSnapshot, CrlStore, EntryVisitor, LeaveOut, PublishedCrl};
pub use self::error::{Conflict, RecordName, StoreError};
pub use self::hierarchy::{CaCertificate, HierarchyStore, Life, PendingRequest};
pub use self::location::RecordLocation;
pub use self::postgres::{LocationError, PostgresAccess, PostgresLocation, Pulse};
pub use self::registration::{Ending, RegistrationStore};
pub use self::storage::{StorageConfig, StorageError};
use crate::authority::Authority;
use crate::crl::CrlName;
use crate::engine::Statistics;
use crate::import::Existing;
use crate::journal::merkle::Frontier;
use crate::journal::{ChainHash, JournalRow, SignedCheckpoint, TreeHash};
use crate::revocation::Revocation;
use crate::status::{CrlView, IssuedSerial, Observation, Status, StatusChanges};

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

/// A journal key as recorded.
#[derive(Clone, Debug)]
pub struct JournalKeyRow {
    /// The record that names it.
    pub seq: u64,
    /// The key.
    pub key: NewJournalKey,
}

/// A checkpoint as recorded.
#[derive(Clone, Debug)]
pub struct CheckpointRow {
    /// Its record.
    pub seq: u64,
    /// The checkpoint.
    pub signed: SignedCheckpoint,
    /// Its time-stamps.
    pub stamps: Vec<StampRow>,
}

/// A time-stamp of a checkpoint as recorded.
#[derive(Clone, Debug)]
pub struct StampRow {
    /// Its record.
    pub seq: u64,
    /// genTime.
    pub time: UnixTime,
    /// The token (DER `ContentInfo`).
    pub token: Vec<u8>,
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
    /// The one that was issued for this order of a batch, interrupted ones left out.
    Order([u8; 32]),
}

/// A part of the certificates, in order of issuance.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Only those of this authority.
    pub authority: Option<i64>,
    /// Whether only revoked ones.
    pub which: Which,
    /// Those behind this mark, which the page before gave.
    pub after: Option<i64>,
}

/// Which certificates a page has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// Only revoked ones.
    Revoked,
}

/// A database that keeps the record: what every area needs. The questions of one area are in a trait
/// of its own.
pub trait Store:
    AuditStore
    + CrlStore
    + HierarchyStore
    + JournalStore
    + ProfileStore
    + ImportStore
    + IssuedStore
    + RegistrationStore
    + StatusStore
    + Debug
    + Send
    + Sync
{
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

/// What the engine asks of the operator's own profiles.
pub trait ProfileStore {
    /// Every version of every recorded profile, in order of name and version.
    ///
    /// # Errors
    /// Where the record cannot be read, or a text is not the one that was added.
    fn recorded_profiles(&self) -> Result<Vec<RecordedProfile>, StoreError>;
}

/// A version of one of the operator's profiles.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedProfile {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Its text (TOML).
    pub source: String,
    /// When it was added.
    pub added_at: UnixTime,
    /// When it was taken out of use.
    pub retired_at: Option<UnixTime>,
}

/// What taking over from another product asks, and what walks over everything.
pub trait ImportStore {
    /// The certificates above an adopted authority that the record does not hold, its issuer's first
    /// (DER, one after another); `None` where the authority was not adopted.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn adopted_chain(&self, authority: i64) -> Result<Option<Vec<u8>>, StoreError>;

    /// What the record holds under each of these serial numbers of an authority.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn existing(
        &self,
        authority: i64,
        serials: &[&[u8]],
    ) -> Result<Vec<Option<Existing>>, StoreError>;

    /// Some certificates, and the mark behind which the next page begins; `None` at the end.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn page(&self, page: &Page) -> Result<(Vec<CertificateEntry>, Option<i64>), StoreError>;
}

/// What an auditor asks.
pub trait JournalStore {
    /// Walks over the records of these numbers in order.
    ///
    /// # Errors
    /// Where the record cannot be read, or `visit` stops.
    fn journal(
        &self,
        range: RangeInclusive<u64>,
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

/// What the protection of the journal asks.
pub trait AuditStore {
    /// The journal keys in the order they were named.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn journal_keys(&self) -> Result<Vec<JournalKeyRow>, StoreError>;

    /// All checkpoints in order.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn checkpoints(&self) -> Result<Vec<CheckpointRow>, StoreError>;

    /// The last of them.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn latest_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError>;

    /// How many records the journal has.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn journal_size(&self) -> Result<u64, StoreError>;

    /// The tree over the first `size` records and the chain's hash after them. O(log n) reads.
    ///
    /// # Errors
    /// Where the record cannot be read, or is shorter.
    fn journal_state(&self, size: u64) -> Result<(Frontier, ChainHash), StoreError>;

    /// Record `seq`, and its inclusion proof in the tree over the first `size`. O(log n) reads.
    ///
    /// # Errors
    /// Where the record cannot be read, or is shorter.
    fn record_and_path(&self, seq: u64, size: u64) -> Result<(Vec<u8>, Vec<TreeHash>), StoreError>;

    /// The proof that the tree over `from` records is the beginning of the one over `to`. O(log n)
    /// reads.
    ///
    /// # Errors
    /// Where the record cannot be read, or is shorter.
    fn consistency(&self, from: u64, to: u64) -> Result<Vec<TreeHash>, StoreError>;
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

    /// The latest CRL of every line of every authority.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn latest_crls(&self) -> Result<Vec<(String, PublishedCrl)>, StoreError>;

    /// The name and the first certificate of every authority, in order of creation.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn first_certificates(&self) -> Result<Vec<(String, Certificate)>, StoreError>;

    /// The record's version, and how old what is read now may be.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn observe(&self) -> Result<Observation, StoreError>;

    /// Waits until the record may have changed, at most as long as `limit`.
    fn wait_for_change(&self, limit: Duration);
}

/// What a responder walks that signs ahead. See [`crate::status::StatusReader`].
pub trait IssuedStore {
    /// A page of the certificates that were issued, in the order of their numbers in the record.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, StoreError>;

    /// How many changes of status the authority has had.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn status_position(&self, authority: &str) -> Result<u64, StoreError>;

    /// A page of the changes of status of an authority, and the version they belong to.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, StoreError>;
}

impl CertificateEntry {
    /// The serial number in lower-case hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex::encode(&self.serial)
    }
}
