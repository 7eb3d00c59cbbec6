//! The certification authority engine: every operation that changes the record, and what an operator
//! asks it.

mod audit;
mod batch;
mod crl;
mod hierarchy;
mod import;
mod issue;
mod list;
mod orders;
mod profiles;
mod registration;
mod rehearsal;
mod revoke;

#[cfg(test)]
mod tests;

use std::sync::{Arc, RwLock};

use hsm_pkcs11::Signer;
use pki_asn1::{Certificate, Clock, UnixTime};

pub use self::audit::{AuditError, CheckpointSchedule, note_digest};
pub use self::batch::Once;
pub use self::hierarchy::{
    AuthorityImport, CaRequestOrder, CrossOrder, GenerationName, ImportedAuthority, LinkOrder,
    Renewal, TerminationOrder,
};
pub use self::import::{ImportMode, ImportSummary, Imported, ImportedLine, NewAdoption, Sources};
pub use self::orders::{
    Actors, IssueRequest, Issued, IssuedCrl, ListFilter, NewAuthority, QscdEvidence, Statistics,
    SubjectKey, Validity,
};
pub use self::profiles::{ProfileOrigin, ProfileRecordError};
pub use self::registration::{
    ExpiryFilter, Fulfilment, PreparedRequest, Proposal, RegistrationSettings, RenewalOrder,
    RequestOrder, Requests, Service,
};
use crate::authority::{Authority, AuthorityKey};
use crate::error::CaError;
use crate::registration::Order;
use crate::settings::Settings;
use crate::store::{
    Abandonment, Act, CertificateEntry, Change, Conflict, Mandate, Query, RecordLocation, Store,
    StoreError,
};

/// The engine. Shared between threads; concurrent issuances are committed together.
pub struct CaEngine {
    store: Arc<dyn Store>,
    settings: Settings,
    profiles: profiles::Profiles,
    clock: Arc<dyn Clock>,
    recovered: Vec<CertificateEntry>,
    /// The authorities' names and public keys, read again when the record has more: other processes
    /// may create authorities too.
    authority_keys: RwLock<Vec<(String, Vec<u8>)>>,
    registration: RegistrationSettings,
}

impl CaEngine {
    /// Creates an empty record at `location`, a path or a database, and opens it.
    ///
    /// # Errors
    /// Where something is there already, or cannot be written.
    pub fn create(
        location: impl Into<RecordLocation>,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CaError> {
        let store = location.into().create(clock.now(), Vec::new())?;
        Self::with_store(store, settings, clock)
    }

    /// Opens the record for issuing, and closes as revoked every issuance that a process which is gone
    /// left unfinished ([`Self::recovered`]). A file is taken for this process alone.
    ///
    /// # Errors
    /// Where the record is missing, in use, or cannot be written.
    pub fn open(
        location: impl Into<RecordLocation>,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CaError> {
        let mut engine = Self::with_store(location.into().open()?, settings, clock)?;
        engine.recover()?;
        engine.index_older()?;
        Ok(engine)
    }

    /// Opens the record for reading beside another process; every change is refused.
    ///
    /// # Errors
    /// Where the record is missing or cannot be read.
    pub fn open_read_only(
        location: impl Into<RecordLocation>,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CaError> {
        Self::with_store(location.into().open_read_only()?, settings, clock)
    }

    /// An engine over any store; does not close unfinished issuances.
    ///
    /// # Errors
    /// Where the record cannot be read, or a built-in profile is wrong, which the tests exclude.
    pub fn with_store(
        store: Arc<dyn Store>,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CaError> {
        Ok(Self {
            profiles: profiles::Profiles::load(&*store)?,
            store,
            settings,
            clock,
            recovered: Vec::new(),
            registration: RegistrationSettings::default(),
            authority_keys: RwLock::default(),
        })
    }

    /// What was interrupted, at the start.
    fn recover(&mut self) -> Result<(), CaError> {
        self.recovered = self.close_interrupted()?;
        Ok(())
    }

    /// A power cut may have come after a CA key signed and before RESULT. What a process that is gone
    /// did not release is revoked: at the start, and before each CRL, as other processes may have ended
    /// since.
    pub(crate) fn close_interrupted(&self) -> Result<Vec<CertificateEntry>, CaError> {
        let mut closed_now = Vec::new();
        for entry in self.store.certificates(&Query::Interrupted)? {
            let authority = crate::store::AuthorityRef {
                id: 0,
                name: entry.authority.clone(),
            };
            let closed = self.commit(
                &Actors::default(),
                Act::Abandon(Abandonment {
                    authority,
                    serial: entry.serial.clone(),
                    reason: "interrupted before its RESULT".into(),
                }),
            );
            match closed {
                Ok(_) => {}
                // Another process that started at the same time was faster.
                Err(StoreError::Conflict(Conflict::NotIntended)) => continue,
                Err(error) => return Err(error.into()),
            }
            tracing::warn!(
                authority = entry.authority,
                serial = entry.serial_hex(),
                "an interrupted issuance was closed as revoked"
            );
            closed_now.push(entry);
        }
        Ok(closed_now)
    }

    /// The issuances closed as revoked when the record was opened.
    #[must_use]
    pub fn recovered(&self) -> &[CertificateEntry] {
        &self.recovered
    }

    /// All authorities in order of creation.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn authorities(&self) -> Result<Vec<Authority>, CaError> {
        Ok(self.store.authorities()?)
    }

    /// The authority of this name.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn authority(&self, name: &str) -> Result<Authority, CaError> {
        self.authorities()?
            .into_iter()
            .find(|a| a.name == name)
            .ok_or_else(|| CaError::UnknownAuthority(name.to_owned()))
    }

    /// The certificates from `name`'s own up to and including its root.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read.
    pub fn chain(&self, name: &str) -> Result<Vec<Certificate>, CaError> {
        let all = self.authorities()?;
        let mut chain = Vec::new();
        let mut next = Some(name);
        // An authority is created after its issuer, so this ends; the bound says so.
        while let Some(name) = next.filter(|_| chain.len() < all.len()) {
            let authority = all
                .iter()
                .find(|a| a.name == name)
                .ok_or_else(|| CaError::UnknownAuthority(name.to_owned()))?;
            chain.push(authority.certificate.clone());
            next = authority.issuer.as_deref();
            if next.is_none() && !authority.certificate.is_self_issued() {
                chain.extend(self.adopted_chain(authority.id)?);
            }
        }
        Ok(chain)
    }

    /// Joins an authority and its key.
    ///
    /// # Errors
    /// [`CaError::WrongAuthorityKey`] where the key's public half is not in the CA's certificate.
    pub fn unlock(&self, name: &str, signer: Arc<dyn Signer>) -> Result<AuthorityKey, CaError> {
        let authority = self.authority(name)?;
        let chain = self.chain(name)?;
        AuthorityKey::join(authority, chain, signer)
            .ok_or_else(|| CaError::WrongAuthorityKey(name.to_owned()))
    }

    /// The certificates with this serial (content octets), of whichever authority.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn find_serial(&self, serial: &[u8]) -> Result<Vec<CertificateEntry>, CaError> {
        Ok(self.store.certificates(&Query::Serial(serial.to_vec()))?)
    }

    /// The certificate with this SHA-256 fingerprint.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn find_fingerprint(&self, sha256: &[u8]) -> Result<Option<CertificateEntry>, CaError> {
        let found = self
            .store
            .certificates(&Query::Fingerprint(sha256.to_vec()))?;
        Ok(found.into_iter().next())
    }

    /// Counts and times.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn statistics(&self) -> Result<Statistics, CaError> {
        Ok(self.store.statistics(self.now())?)
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The current time by the engine's clock.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    fn commit(&self, actors: &Actors, act: Act) -> Result<u64, StoreError> {
        self.commit_at(self.now(), actors, act)
    }

    fn commit_at(&self, at: UnixTime, actors: &Actors, act: Act) -> Result<u64, StoreError> {
        self.commit_mandated(at, actors, act, None)
    }

    /// With what operators decided.
    fn commit_mandated(
        &self,
        at: UnixTime,
        actors: &Actors,
        act: Act,
        mandate: Option<Mandate>,
    ) -> Result<u64, StoreError> {
        self.store.commit(Change {
            at,
            actors: actors.names.clone(),
            act,
            mandate,
        })
    }

    /// With what operators decided on `order`, where they did.
    fn commit_ordered(&self, order: Order, actors: &Actors, act: Act) -> Result<u64, StoreError> {
        let mandate = self.mandate(order, actors);
        self.commit_mandated(self.now(), actors, act, mandate)
    }
}

impl core::fmt::Debug for CaEngine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CaEngine")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
