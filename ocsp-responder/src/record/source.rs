//! Where status comes from: the record of the CA, or memory in tests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use ca_core::crl::{CrlKind, CrlName, CrlScope};
pub use ca_core::status::{
    AuthorityView, CaCertificateView, CrlView, IssuedSerial, Observation, Status, StatusChanges,
    StatusReader,
};
use http_service::Pace;
use pki_asn1::{Certificate, UnixTime};

/// Why the record could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the record cannot be read")]
pub struct SourceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The latest CRL of one line, without its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CrlSummary {
    /// The authority's name.
    pub authority: String,
    /// Which of its CRLs.
    pub name: CrlName,
    /// Its cRLNumber.
    pub number: u64,
    /// When it was issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
    /// Its length in octets (DER).
    pub size: u64,
    /// Its number of entries, where known.
    pub entries: Option<u64>,
}

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

    /// At most `limit` certificates that were issued, those with the lowest numbers above `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, SourceError>;

    /// How many changes of status the authority has had: where [`StatusSource::status_changes`] goes on.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn status_position(&self, authority: &str) -> Result<u64, SourceError>;

    /// At most `limit` changes of status of the authority's certificates after the one at `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, SourceError>;

    /// The latest CRL of every line of every authority, without its bytes.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn crls(&self) -> Result<Vec<CrlSummary>, SourceError>;

    /// Every certificate of a CA, each once: earlier ones, renewals, link and cross-certificates too.
    ///
    /// # Errors
    /// Where the record cannot be read.
    fn ca_certificates(&self) -> Result<Vec<CaCertificateView>, SourceError>;

    /// How long a look-up of a status takes.
    fn pace(&self) -> Pace;

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

    /// A look-up in the file touches some pages, which are in memory where it is asked often.
    fn pace(&self) -> Pace {
        if self.is_in_process() {
            Pace::Immediate
        } else {
            Pace::Waits
        }
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, SourceError> {
        self.crl_of(authority, name).map_err(SourceError::new)
    }

    fn crl_number(&self, authority: &str, name: CrlName) -> Result<Option<u64>, SourceError> {
        self.crl_number_of(authority, name)
            .map_err(SourceError::new)
    }

    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, SourceError> {
        Self::issued(self, after, limit).map_err(SourceError::new)
    }

    fn status_position(&self, authority: &str) -> Result<u64, SourceError> {
        Self::status_position(self, authority).map_err(SourceError::new)
    }

    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, SourceError> {
        Self::status_changes(self, authority, after, limit).map_err(SourceError::new)
    }

    fn crls(&self) -> Result<Vec<CrlSummary>, SourceError> {
        let found = self.published_crls().map_err(SourceError::new)?;
        Ok(found
            .into_iter()
            .map(|(authority, crl)| CrlSummary {
                authority,
                name: crl.name,
                number: crl.number,
                this_update: crl.this_update,
                next_update: crl.next_update,
                size: crl.size,
                entries: crl.entries,
            })
            .collect())
    }

    fn ca_certificates(&self) -> Result<Vec<CaCertificateView>, SourceError> {
        Self::ca_certificates(self).map_err(SourceError::new)
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
    further: Vec<CaCertificateView>,
    statuses: HashMap<(String, Vec<u8>), Status>,
    /// Certificates in the order they came, numbered from 1.
    issued: Vec<IssuedSerial>,
    /// Serials whose status changed, by authority.
    changes: HashMap<String, Vec<Vec<u8>>>,
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
            changes: HashMap::new(),
            further: Vec::new(),
            issued: Vec::new(),
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
            since: certificate.not_before(),
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

    /// Adds a certificate for the key of an authority, or of a CA elsewhere.
    pub fn add_ca_certificate(&self, authority: Option<&str>, certificate: Certificate) {
        self.change().further.push(CaCertificateView {
            authority: authority.map(str::to_owned),
            certificate,
        });
    }

    /// Sets the status of a certificate, which never expires where it is new.
    pub fn set_status(&self, authority: &str, serial: &[u8], status: Status) {
        self.set_issued(authority, serial, UnixTime::MAX, status);
    }

    /// Issues a certificate that expires then, or changes its status.
    pub fn set_issued(&self, authority: &str, serial: &[u8], not_after: UnixTime, status: Status) {
        let mut memory = self.change();
        let key = (authority.to_owned(), serial.to_vec());
        if memory.statuses.insert(key, status).is_some() {
            let changes = memory.changes.entry(authority.into()).or_default();
            changes.push(serial.to_vec());
        } else {
            let id = memory.issued.len() as u64 + 1;
            memory.issued.push(IssuedSerial {
                id,
                authority: authority.into(),
                serial: serial.to_vec(),
                not_after,
            });
        }
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
    /// As a database's: whoever tests with it wants to see who waits for what.
    fn pace(&self) -> Pace {
        Pace::Waits
    }

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

    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, SourceError> {
        let memory = self.read()?;
        let (first, limit) = (after as usize, limit as usize);
        let page = memory.issued.iter().skip(first).take(limit);
        Ok(page.cloned().collect())
    }

    fn status_position(&self, authority: &str) -> Result<u64, SourceError> {
        let memory = self.read()?;
        Ok(memory.changes.get(authority).map_or(0, |c| c.len() as u64))
    }

    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, SourceError> {
        let memory = self.read()?;
        let changes = memory.changes.get(authority).map_or(&[][..], Vec::as_slice);
        let page = changes.iter().skip(after as usize).take(limit as usize);
        let serials: Vec<Vec<u8>> = page.cloned().collect();
        Ok(StatusChanges {
            version: memory.version,
            position: after + serials.len() as u64,
            serials,
        })
    }

    fn crls(&self) -> Result<Vec<CrlSummary>, SourceError> {
        let memory = self.read()?;
        let summary = |((authority, name), crl): (&(String, CrlName), &CrlView)| CrlSummary {
            authority: authority.clone(),
            name: *name,
            number: crl.number,
            this_update: crl.this_update,
            next_update: crl.next_update,
            size: crl.der.len() as u64,
            entries: None,
        };
        let mut found: Vec<CrlSummary> = memory.crls.iter().map(summary).collect();
        found.sort_by(|a, b| (&a.authority, a.name).cmp(&(&b.authority, b.name)));
        Ok(found)
    }

    fn ca_certificates(&self) -> Result<Vec<CaCertificateView>, SourceError> {
        let memory = self.read()?;
        let first = memory.authorities.iter().map(|a| CaCertificateView {
            authority: Some(a.name.clone()),
            certificate: a.certificate.clone(),
        });
        Ok(first.chain(memory.further.iter().cloned()).collect())
    }

    fn observe(&self) -> Result<Observation, SourceError> {
        let memory = self.read()?;
        Ok(Observation {
            successors: 0,
            version: memory.version,
            age: memory.age,
        })
    }
}

impl<S: StatusSource + ?Sized> StatusSource for std::sync::Arc<S> {
    fn pace(&self) -> Pace {
        (**self).pace()
    }

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

    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, SourceError> {
        (**self).issued(after, limit)
    }

    fn status_position(&self, authority: &str) -> Result<u64, SourceError> {
        (**self).status_position(authority)
    }

    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, SourceError> {
        (**self).status_changes(authority, after, limit)
    }

    fn crls(&self) -> Result<Vec<CrlSummary>, SourceError> {
        (**self).crls()
    }

    fn ca_certificates(&self) -> Result<Vec<CaCertificateView>, SourceError> {
        (**self).ca_certificates()
    }

    fn observe(&self) -> Result<Observation, SourceError> {
        (**self).observe()
    }

    fn wait_for_change(&self, limit: Duration) {
        (**self).wait_for_change(limit);
    }
}
