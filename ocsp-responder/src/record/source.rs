//! Where status comes from: the record of the CA, or memory in tests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use ca_core::crl::{CrlKind, CrlName, CrlScope};
pub use ca_core::status::{AuthorityView, CrlView, Observation, Status, StatusReader};
use pki_asn1::Certificate;

/// Why the record could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the record cannot be read")]
pub struct SourceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A read-only view of committed status. Calls may block and come from many threads.
pub trait StatusSource: Send + Sync + 'static {
    /// All authorities that have a certificate.
    ///
    /// # Errors
    /// Where the record cannot be read; so for all methods.
    fn authorities(&self) -> Result<Vec<AuthorityView>, SourceError>;

    /// The status of `serial` (content octets of the INTEGER); `None` where never issued.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, SourceError>;

    /// The authority's latest CRL of this line.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, SourceError>;

    /// The cRLNumber of the latest CRL, without reading it.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crl_number(&self, authority: &str, name: CrlName) -> Result<Option<u64>, SourceError>;

    /// A number that changes with every commit that may change an answer.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn version(&self) -> Result<u64, SourceError> {
        Ok(self.observe()?.version)
    }

    /// The version, and how old what is read now may be.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn observe(&self) -> Result<Observation, SourceError>;

    /// Waits until the record may have changed, at most as long as `limit`.
    fn wait_for_change(&self, limit: Duration) {
        std::thread::park_timeout(limit);
    }
}

impl StatusSource for StatusReader {
    fn authorities(&self) -> Result<Vec<AuthorityView>, SourceError> {
        Self::authorities(self).map_err(SourceError::new)
    }

    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, SourceError> {
        Self::status(self, authority, serial).map_err(SourceError::new)
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, SourceError> {
        self.crl_of(authority, name).map_err(SourceError::new)
    }

    fn crl_number(&self, authority: &str, name: CrlName) -> Result<Option<u64>, SourceError> {
        self.crl_number_of(authority, name)
            .map_err(SourceError::new)
    }

    fn observe(&self) -> Result<Observation, SourceError> {
        Self::observe(self).map_err(SourceError::new)
    }

    fn wait_for_change(&self, limit: Duration) {
        Self::wait_for_change(self, limit);
    }
}

impl SourceError {
    fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// Status held in memory, for tests and benchmarks.
#[derive(Debug, Default)]
pub struct MemorySource(Mutex<Memory>);

#[derive(Debug)]
struct Memory {
    version: u64,
    age: Option<Duration>,
    unreadable: bool,
    authorities_unreadable: bool,
    authorities: Vec<AuthorityView>,
    statuses: HashMap<(String, Vec<u8>), Status>,
    crls: HashMap<(String, CrlName), CrlView>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            version: 0,
            age: Some(Duration::ZERO),
            unreadable: false,
            authorities_unreadable: false,
            authorities: Vec::new(),
            statuses: HashMap::new(),
            crls: HashMap::new(),
        }
    }
}

impl MemorySource {
    /// An empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an authority.
    pub fn add_authority(&self, name: &str, certificate: Certificate) {
        let mut memory = self.change();
        memory.authorities.push(AuthorityView {
            name: name.into(),
            certificate,
        });
    }

    /// Gives an authority another certificate, as a renewal does.
    pub fn replace_authority(&self, name: &str, certificate: Certificate) {
        let mut memory = self.change();
        memory.authorities.retain(|a| a.name != name);
        drop(memory);
        self.add_authority(name, certificate);
    }

    /// Sets the status of a certificate.
    pub fn set_status(&self, authority: &str, serial: &[u8], status: Status) {
        let mut memory = self.change();
        memory
            .statuses
            .insert((authority.into(), serial.to_vec()), status);
    }

    /// Publishes a complete CRL.
    pub fn set_crl(&self, authority: &str, crl: CrlView) {
        self.set_crl_of(authority, CrlName::WHOLE, crl);
    }

    /// Publishes a CRL.
    pub fn set_crl_of(&self, authority: &str, name: CrlName, crl: CrlView) {
        let key = (authority.to_owned(), name);
        self.change().crls.insert(key, crl);
    }

    /// Makes every call fail, or succeed again.
    pub fn set_unreadable(&self, unreadable: bool) {
        self.change().unreadable = unreadable;
    }

    /// Makes what is read as old as a copy that lags behind; `None` as one that does not show it.
    pub fn set_age(&self, age: Option<Duration>) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.age = age;
    }

    /// Makes the authorities alone unreadable, or readable again.
    pub fn set_authorities_unreadable(&self, unreadable: bool) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.authorities_unreadable = unreadable;
    }

    fn change(&self) -> MutexGuard<'_, Memory> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.version += 1;
        memory
    }

    fn read(&self) -> Result<MutexGuard<'_, Memory>, SourceError> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.unreadable {
            return Err(SourceError("made unreadable".into()));
        }
        Ok(memory)
    }
}

impl StatusSource for MemorySource {
    fn authorities(&self) -> Result<Vec<AuthorityView>, SourceError> {
        let memory = self.read()?;
        if memory.authorities_unreadable {
            return Err(SourceError("made unreadable".into()));
        }
        Ok(memory.authorities.clone())
    }

    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, SourceError> {
        let key = (authority.to_owned(), serial.to_vec());
        Ok(self.read()?.statuses.get(&key).copied())
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, SourceError> {
        let key = (authority.to_owned(), name);
        Ok(self.read()?.crls.get(&key).cloned())
    }

    fn crl_number(&self, authority: &str, name: CrlName) -> Result<Option<u64>, SourceError> {
        let key = (authority.to_owned(), name);
        Ok(self.read()?.crls.get(&key).map(|crl| crl.number))
    }

    fn observe(&self) -> Result<Observation, SourceError> {
        let memory = self.read()?;
        Ok(Observation {
            version: memory.version,
            age: memory.age,
        })
    }
}

impl<S: StatusSource + ?Sized> StatusSource for std::sync::Arc<S> {
    fn authorities(&self) -> Result<Vec<AuthorityView>, SourceError> {
        (**self).authorities()
    }

    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, SourceError> {
        (**self).status(authority, serial)
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, SourceError> {
        (**self).crl(authority, name)
    }

    fn crl_number(&self, authority: &str, name: CrlName) -> Result<Option<u64>, SourceError> {
        (**self).crl_number(authority, name)
    }

    fn observe(&self) -> Result<Observation, SourceError> {
        (**self).observe()
    }

    fn wait_for_change(&self, limit: Duration) {
        (**self).wait_for_change(limit);
    }
}
