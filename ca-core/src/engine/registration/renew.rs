//! Renewal (EN 319 411-1 clauses 6.3.6 and 6.3.7): the identity that was established is taken over
//! while its evidence counts; the key is a new one unless the profile allows the old.

use pki_asn1::{Certificate as X509, UnixTime, name};
use pki_crypto::PublicKey;

use super::fulfil::key_sha256;
use super::{PreparedRequest, RequestOrder};
use crate::engine::{CaEngine, QscdEvidence, SubjectKey, Validity};
use crate::error::CaError;
use crate::names::{SubjectDn, attribute_label};
use crate::profile::Renewal;
use crate::registration::{Certificate, Evidence, RegistrationError, Request};
use crate::store::{CertificateEntry, CertificateState};

/// An order to renew a certificate.
#[derive(Clone, Debug)]
pub struct RenewalOrder {
    /// The certificate that ends.
    pub certificate: Certificate,
    /// The new key; `None` for the old one.
    pub key: Option<SubjectKey>,
    /// Whether the new key is in a qualified device. The old key's statement is taken over with it.
    pub qscd: QscdEvidence,
    /// How long; the earlier request's, unless said.
    pub validity: Validity,
    /// Evidence that was seen again.
    pub evidence: Vec<Evidence>,
    /// When it is registered.
    pub at: UnixTime,
}

impl CaEngine {
    /// The certificate that followed this one, where one did.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn successor(&self, of: &Certificate) -> Result<Option<CertificateEntry>, CaError> {
        let serial = hex::decode(&of.serial).unwrap_or_default();
        Ok(self.store.successor_of(&of.authority, &serial)?)
    }

    /// The request that this certificate fulfilled, where there was one.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn request_of(&self, certificate: &Certificate) -> Result<Option<Request>, CaError> {
        let serial = hex::decode(&certificate.serial).unwrap_or_default();
        let number = self.store.request_of(&certificate.authority, &serial)?;
        number.map(|number| self.request(number)).transpose()
    }

    /// Prepares the request for a successor: subject, people and law of the earlier request, and its
    /// evidence as far as it still counts.
    ///
    /// # Errors
    /// Where the certificate cannot be renewed, the key must be a new one, or as
    /// [`Self::prepare_request`].
    pub fn prepare_renewal(&self, order: &RenewalOrder) -> Result<PreparedRequest, CaError> {
        let request = self.renewal(order)?;
        self.prepare_request(&request)
    }

    /// The order for a successor.
    ///
    /// # Errors
    /// Where the certificate cannot be renewed, or the key must be a new one.
    pub fn renewal(&self, order: &RenewalOrder) -> Result<RequestOrder, CaError> {
        let (entry, certificate) = self.renewable(&order.certificate)?;
        let profile = self.profile(&entry.profile)?;
        let old_key = PublicKey::in_use(certificate.spki_der()).map_err(RegistrationError::from)?;
        let key = order.key.clone().unwrap_or(SubjectKey::Held(old_key));
        let bits = match &key {
            SubjectKey::Held(key) => key.bits(),
            SubjectKey::Request(request) => request.public_key().bits(),
        };
        let same = key_sha256(bits) == key_sha256(certificate.public_key_bits());
        if same && profile.registration().renewal == Renewal::NewKey {
            return Err(RegistrationError::SameKey(entry.profile.clone()).into());
        }
        let earlier = self.request_of(&order.certificate)?;
        let earlier = earlier.as_ref().map(Request::document);
        let days = self.registration.evidence_days;
        let mut evidence: Vec<Evidence> = earlier.map_or_else(Vec::new, |e| {
            let counts = |e: &&Evidence| !e.is_stale(order.at, days);
            e.evidence.iter().filter(counts).cloned().collect()
        });
        evidence.extend(order.evidence.iter().cloned());
        let qscd = match (&order.qscd, same) {
            (QscdEvidence::None, true) => earlier
                .and_then(|e| e.qscd.clone())
                .map_or(QscdEvidence::None, QscdEvidence::Attested),
            (given, _) => given.clone(),
        };
        let law = earlier.and_then(|e| e.legislation.as_ref());
        let unreadable = || RegistrationError::Document("a request");
        Ok(RequestOrder {
            authority: entry.authority,
            profile: entry.profile,
            subject: match earlier {
                Some(earlier) => earlier.subject.parse()?,
                None => subject_of(&certificate)?,
            },
            key,
            qscd,
            legislation: law
                .map(|law| law.parse().map_err(|_| unreadable()))
                .transpose()?,
            validity: match (order.validity, earlier.and_then(|e| e.days)) {
                (Validity::ProfileDefault, Some(days)) => Validity::Days(days),
                (validity, _) => validity,
            },
            people: earlier.map_or_else(Vec::new, |e| e.people.clone()),
            evidence,
            renews: Some(order.certificate.clone()),
            at: order.at,
        })
    }

    /// A certificate that was released and is not revoked. One that expired may be renewed: its
    /// evidence decides.
    fn renewable(&self, which: &Certificate) -> Result<(CertificateEntry, X509), CaError> {
        let serial = hex::decode(&which.serial).unwrap_or_default();
        let found = self.find_serial(&serial)?;
        let entry = found.into_iter().find(|e| e.authority == which.authority);
        let good = entry
            .filter(|e| e.state == CertificateState::Issued && e.revocation.is_none())
            .and_then(|e| e.certificate.clone().map(|c| (e, c)));
        Ok(good.ok_or_else(|| RegistrationError::NotRenewable {
            authority: which.authority.clone(),
            serial: which.serial.clone(),
        })?)
    }
}

/// The subject as an operator would have written it.
fn subject_of(certificate: &X509) -> Result<SubjectDn, CaError> {
    let parts: Vec<_> = name::attributes(certificate.subject())
        .map(|(attribute, value)| {
            let label = attribute_label(&attribute);
            let escaped: String = value
                .chars()
                .flat_map(|c| [Some('\\').filter(|_| ",+\"\\<>;=# ".contains(c)), Some(c)])
                .flatten()
                .collect();
            format!("{label}={escaped}")
        })
        .collect();
    Ok(parts.join(",").parse()?)
}
