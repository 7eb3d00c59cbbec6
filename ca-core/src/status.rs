//! What responders ask: a read-only view of committed status, usable from many threads.

use core::time::Duration;
use std::sync::Arc;

use pki_asn1::{Certificate, UnixTime};

use crate::crl::{CrlName, CrlStream};
use crate::revocation::RevocationReason;
use crate::store::{RecordLocation, Store, StoreError};

/// The status of a certificate that was issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Issued and not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// When.
        at: UnixTime,
        /// Why; `Unspecified` is left out of responses.
        reason: RevocationReason,
        /// Since when the key is known or believed bad.
        invalidity_date: Option<UnixTime>,
    },
}

/// A certification authority as responders see it.
#[derive(Clone, Debug)]
pub struct AuthorityView {
    /// Its name in URLs and configuration.
    pub name: String,
    /// Its certificate.
    pub certificate: Certificate,
}

/// The latest CRL of an authority.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CrlView {
    /// The CRL (DER).
    pub der: Vec<u8>,
    /// Its cRLNumber.
    pub number: u64,
    /// When it was issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
}

/// What a look at the record shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Observation {
    /// A number that changes whenever a committed status, CRL or authority changes.
    pub version: u64,
    /// Everything that was committed longer ago than this can be read: zero but for a copy of a
    /// database that follows; `None` where the copy does not show it.
    pub age: Option<Duration>,
}

/// How long a database may take to answer. Relying parties wait for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// A read-only view of the record. Cheap to clone; every clone may be used from any thread.
#[derive(Clone, Debug)]
pub struct StatusReader {
    store: Arc<dyn Store>,
}

impl StatusReader {
    /// Opens the record read-only; never creates it.
    ///
    /// # Errors
    /// Where the record is missing, is not one, or cannot be read.
    pub fn open(location: impl Into<RecordLocation>) -> Result<Self, StoreError> {
        let location = match location.into() {
            RecordLocation::Postgres(location) => location.answering_within(PATIENCE).into(),
            file @ RecordLocation::File(_) => file,
        };
        Ok(Self {
            store: location.open_read_only()?,
        })
    }

    /// All certification authorities that have a certificate, in order of creation.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn authorities(&self) -> Result<Vec<AuthorityView>, StoreError> {
        let authorities = self.store.authorities()?;
        Ok(authorities
            .into_iter()
            .map(|a| AuthorityView {
                name: a.name,
                certificate: a.certificate,
            })
            .collect())
    }

    /// The status of `serial` (content octets); `None` where `authority` never issued it. A serial
    /// whose issuance has not finished counts as not issued; one whose issuance was interrupted is
    /// revoked, because a signature may exist.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, StoreError> {
        self.store.status(authority, serial)
    }

    /// The authority's latest complete CRL of all its certificates.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn crl(&self, authority: &str) -> Result<Option<CrlView>, StoreError> {
        self.crl_of(authority, CrlName::WHOLE)
    }

    /// The authority's latest CRL of this line, with all its bytes.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn crl_of(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, StoreError> {
        self.store.crl(authority, name)
    }

    /// The same, to be read piece by piece.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn crl_stream(
        &self,
        authority: &str,
        name: CrlName,
    ) -> Result<Option<CrlStream>, StoreError> {
        let found = self.store.published_crl(authority, name)?;
        Ok(found.map(|crl| CrlStream::new(crl, self.store.clone())))
    }

    /// The cRLNumber of the authority's latest complete CRL.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn crl_number(&self, authority: &str) -> Result<Option<u64>, StoreError> {
        self.crl_number_of(authority, CrlName::WHOLE)
    }

    /// The cRLNumber of the authority's latest CRL of this line: whether [`StatusReader::crl_of`]
    /// would tell anything new, without reading it.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn crl_number_of(&self, authority: &str, name: CrlName) -> Result<Option<u64>, StoreError> {
        let found = self.store.published_crl(authority, name)?;
        Ok(found.map(|crl| crl.number))
    }

    /// The record's version and how old what is read now may be. Cheap enough to be asked every 100 ms.
    /// It also notices that another file has taken the record's name, as when a backup is restored:
    /// everything is answered from that one from then on.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn observe(&self) -> Result<Observation, StoreError> {
        self.store.observe()
    }

    /// The version alone.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn version(&self) -> Result<u64, StoreError> {
        Ok(self.observe()?.version)
    }

    /// Waits until the record may have changed, at most as long as `limit`: a database's primary says
    /// when it did; of a file and of a copy that follows, the whole time passes.
    pub fn wait_for_change(&self, limit: Duration) {
        self.store.wait_for_change(limit);
    }
}
