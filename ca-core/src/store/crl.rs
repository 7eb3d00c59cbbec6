//! What the making and the publication of CRLs ask of the record.

use pki_asn1::UnixTime;

use super::StoreError;
use crate::crl::{CrlName, CrlScope, EntryFields};

/// A published CRL, without its bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PublishedCrl {
    /// Its key in the record.
    pub id: i64,
    /// Which of its authority's CRLs.
    pub name: CrlName,
    /// Its cRLNumber.
    pub number: u64,
    /// Of a delta: the number of the complete CRL it starts from.
    pub base: Option<u64>,
    /// How many changes of status of the authority it has seen.
    pub position: u64,
    /// When it was issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
    /// Its length in octets (DER).
    pub size: u64,
    /// Its number of entries; unknown of CRLs that an earlier version published.
    pub entries: Option<u64>,
}

/// Entries that a complete CRL no longer lists (RFC 5280 section 3.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LeaveOut {
    /// Of certificates that expired before this, the thisUpdate of a scheduled CRL,
    pub expired_before: UnixTime,
    /// where that CRL had seen the change of status.
    pub listed_up_to: u64,
}

/// A visitor of entries: the serial number (content octets) and what is said about it.
pub type EntryVisitor<'a> = dyn FnMut(&[u8], &EntryFields) -> Result<(), StoreError> + 'a;

/// A consistent view of one authority's changes of status: every walk sees the same ones.
pub trait CrlSnapshot {
    /// How many changes there were.
    ///
    /// # Errors
    /// Where the record cannot be read; so for all methods.
    fn position(&mut self) -> Result<u64, StoreError>;

    /// The latest published CRL of a line.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn latest(&mut self, name: CrlName) -> Result<Option<PublishedCrl>, StoreError>;

    /// The latest complete CRL of a scope that was not occasioned by a change of status.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn latest_scheduled(&mut self, scope: CrlScope) -> Result<Option<PublishedCrl>, StoreError>;

    /// Walks over all that is revoked or suspended in a scope, by serial number.
    ///
    /// # Errors
    /// Where the record cannot be read or the visitor stops.
    fn revoked(
        &mut self,
        scope: CrlScope,
        leave_out: Option<LeaveOut>,
        visit: &mut EntryVisitor<'_>,
    ) -> Result<(), StoreError>;

    /// Walks over the certificates of a scope whose status has changed after a position, each once,
    /// with its present status.
    ///
    /// # Errors
    /// Where the record cannot be read or the visitor stops.
    fn changed(
        &mut self,
        scope: CrlScope,
        after: u64,
        visit: &mut EntryVisitor<'_>,
    ) -> Result<(), StoreError>;
}

/// What the making of CRLs asks.
pub trait CrlStore {
    /// The last number taken in a scope, 0 before the first. Counts CRLs that were intended.
    ///
    /// # Errors
    /// Where the record cannot be read; so for all methods.
    fn last_crl_number(&self, authority: i64, scope: CrlScope) -> Result<u64, StoreError>;

    /// The latest published CRL of a line.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn latest_crl(&self, authority: i64, name: CrlName)
    -> Result<Option<PublishedCrl>, StoreError>;

    /// A piece of a published CRL, counted from 0; `None` after the last.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crl_chunk(&self, crl: i64, ordinal: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// When the first change of status after a position was decided.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn oldest_change(
        &self,
        authority: i64,
        scope: CrlScope,
        after: u64,
    ) -> Result<Option<UnixTime>, StoreError>;

    /// Calls `with` with a consistent view of the authority's changes of status.
    ///
    /// # Errors
    /// Where the record cannot be read, or `with` fails.
    fn crl_source(
        &self,
        authority: i64,
        with: &mut dyn FnMut(&mut dyn CrlSnapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}
