//! What responders ask: a read-only view of committed status, usable from many threads.

use core::time::Duration;
use std::sync::Arc;

use pki_asn1::{Certificate, UnixTime};

use crate::crl::{CrlName, CrlStream};
use crate::revocation::RevocationReason;
use crate::store::{PublishedCrl, RecordLocation, Store, StoreError};

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
    /// Its certificate: the newest for its name and key.
    pub certificate: Certificate,
    /// The notBefore of its first certificate: the status of whatever it issued since is known.
    pub since: UnixTime,
}

/// A certificate that was issued, or may have been where its issuance was interrupted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuedSerial {
    /// Its number in the record. One whose issuance took longer may appear after a higher one.
    pub id: u64,
    /// Who issued it.
    pub authority: String,
    /// The serial number (content octets).
    pub serial: Vec<u8>,
    /// Until when it is valid.
    pub not_after: UnixTime,
}

/// Certificates whose status changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusChanges {
    /// The version of the record at which there were no others.
    pub version: u64,
    /// How many changes the authority had had with the last of these.
    pub position: u64,
    /// The serial numbers (content octets), in order; one may come several times.
    pub serials: Vec<Vec<u8>>,
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
    /// How many other records have taken the name of the one that was opened, as restored backups do.
    /// What was read before another one came says nothing of it, whatever its version.
    pub successors: u64,
    /// A number that changes whenever a committed status, CRL or authority changes.
    pub version: u64,
    /// Everything that was committed longer ago than this can be read: zero but for a copy of a
    /// database that follows; `None` where the copy does not show it.
    pub age: Option<Duration>,
}

/// How long a database may take to answer. Relying parties wait for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// A certificate of a CA: its first one, a renewal, a link or a cross-certificate, or one of those above
/// an authority that was taken over.
#[derive(Clone, Debug)]
pub struct CaCertificateView {
    /// Whose key it certifies; `None` where that CA is no authority of the record.
    pub authority: Option<String>,
    /// The certificate.
    pub certificate: Certificate,
}

/// A read-only view of the record. Cheap to clone; every clone may be used from any thread.
#[derive(Clone, Debug)]
pub struct StatusReader {
    store: Arc<dyn Store>,
    in_process: bool,
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
            in_process: matches!(location, RecordLocation::File(_)),
            store: location.open_read_only()?,
        })
    }

    /// Whether looking something up is a matter of this process and its file, without a server to wait
    /// for.
    #[must_use]
    pub fn is_in_process(&self) -> bool {
        self.in_process
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
                since: a.since,
                certificate: a.certificate,
            })
            .collect())
    }

    /// Every certificate of a CA that the record holds, each once: those that [`Self::authorities`] gives
    /// and the earlier and further ones for the same keys.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn ca_certificates(&self) -> Result<Vec<CaCertificateView>, StoreError> {
        let mut all: Vec<CaCertificateView> = Vec::new();
        let mut add = |authority: Option<String>, certificate: Certificate| {
            if all.iter().all(|known| known.certificate != certificate) {
                all.push(CaCertificateView {
                    authority,
                    certificate,
                });
            }
        };
        for (name, certificate) in self.store.first_certificates()? {
            add(Some(name), certificate);
        }
        for later in self.store.ca_certificates()? {
            add(later.authority, later.certificate);
        }
        for authority in self.store.authorities()? {
            let chain = self.store.adopted_chain(authority.id)?;
            for certificate in certificates_above(&chain.unwrap_or_default()) {
                add(None, certificate);
            }
        }
        Ok(all)
    }

    /// The latest CRL of every line of every authority, without its bytes.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn published_crls(&self) -> Result<Vec<(String, PublishedCrl)>, StoreError> {
        self.store.latest_crls()
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

    /// At most `limit` certificates that were issued, those with the lowest numbers above `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, StoreError> {
        self.store.issued(after, limit)
    }

    /// How many changes of status the authority has had: where [`Self::status_changes`] goes on.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn status_position(&self, authority: &str) -> Result<u64, StoreError> {
        self.store.status_position(authority)
    }

    /// At most `limit` changes of status of the authority's certificates after the one at `after`.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, StoreError> {
        self.store.status_changes(authority, after, limit)
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

/// The certificates of a chain as the record holds it: DER, one after another. What is damaged, which
/// the audit names, is left out.
fn certificates_above(mut der: &[u8]) -> Vec<Certificate> {
    let mut certificates = Vec::new();
    while let Ok(first) = pki_asn1::raw::tlv_range(der, 0)
        && let Some((one, rest)) = der.split_at_checked(first.end)
        && let Ok(certificate) = Certificate::from_der(one)
    {
        certificates.push(certificate);
        der = rest;
    }
    certificates
}
