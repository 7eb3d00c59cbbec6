//! What issuing owes to registration: the key's hash, the organisation, the request that is fulfilled,
//! the revocation code.

use pki_asn1::oid;
use pki_crypto::PublicKey;

use super::need;
use crate::engine::{Actors, CaEngine};
use crate::error::CaError;
use crate::issuance::sha256;
use crate::names::SubjectDn;
use crate::profile::{DuplicateKey, DuplicateSubject, Profile};
use crate::registration::{Certificate, RevocationCode};
use crate::store::{
    Act, CertificateEntry, IndexedCertificate, IntentRegistration, IntentRequest, KeyOrigin,
    RegistrationAct, RequestNeed,
};

/// What a certificate fulfils, beside the order for it.
#[derive(Clone, Debug, Default)]
pub struct Fulfilment {
    /// The code its subscriber is handed.
    pub revocation_code: Option<RevocationCode>,
    /// The certificate it follows.
    pub renews: Option<Certificate>,
    /// Where the key came from; the engine says.
    pub(crate) origin: KeyOrigin,
    /// The approved request.
    pub(crate) request: Option<Box<IntentRequest>>,
    /// The order of a batch, which is carried out once.
    pub(crate) batch_order: Option<[u8; 32]>,
}

impl Fulfilment {
    /// Nothing but a revocation code, where there is one.
    #[must_use]
    pub fn with_code(revocation_code: Option<RevocationCode>) -> Self {
        Self {
            revocation_code,
            ..Self::default()
        }
    }

    /// What INTENT says, except the hash of the revocation code, which needs the serial number.
    pub(crate) fn intent(
        &self,
        profile: &Profile,
        subject: &SubjectDn,
        key: &PublicKey,
    ) -> IntentRegistration {
        let need = need(profile);
        let organisation = match need {
            RequestNeed::WhereOperators => subject.get(&oid::AT_ORGANIZATION_IDENTIFIER),
            // The provider's own certificates are not struck off with anybody.
            RequestNeed::Never => None,
        };
        let policy = profile.registration();
        let (duplicate_key, duplicate_subject) = match need {
            RequestNeed::WhereOperators => (policy.duplicate_key, policy.duplicate_subject),
            RequestNeed::Never => (DuplicateKey::Allow, DuplicateSubject::Allow),
        };
        IntentRegistration {
            key_sha256: key_sha256(key.bits()),
            organisation: organisation.map(str::to_owned),
            duplicate_key,
            duplicate_subject,
            need,
            origin: self.origin,
            renews: self.renews.clone(),
            revocation_code: None,
            request: self.request.clone(),
        }
    }
}

/// One key has one hash, in whatever SubjectPublicKeyInfo it is written down.
pub(crate) fn key_sha256(public_key_bits: &[u8]) -> [u8; 32] {
    sha256(public_key_bits)
}

impl CaEngine {
    /// A warning where the subject has another valid certificate of a profile that wants one.
    pub(crate) fn duplicate_subject_warning(
        &self,
        profile: &Profile,
        certificate: &pki_asn1::Certificate,
    ) -> Result<Option<String>, CaError> {
        if profile.registration().duplicate_subject != DuplicateSubject::Warn {
            return Ok(None);
        }
        let subject = certificate.display_subject().to_string();
        let other = self.store.valid_of_subject(
            &subject,
            profile.name(),
            self.now(),
            certificate.serial(),
        )?;
        Ok(other.map(|c| {
            format!(
                "this subject has another valid certificate of profile {:?}: {} of {:?}",
                profile.name(),
                c.serial,
                c.authority
            )
        }))
    }

    /// Tells registration the keys and organisations of certificates that it does not know: those of
    /// records that older programs began, and imported ones.
    ///
    /// # Errors
    /// Where the record cannot be read or written.
    pub fn index_certificates(&self) -> Result<u64, CaError> {
        let mut indexed = 0;
        let mut before = i64::MAX;
        loop {
            let page = self.store.unindexed(before)?;
            let Some((last, _)) = page.last() else {
                return Ok(indexed);
            };
            before = *last;
            let rows: Vec<_> = page.iter().filter_map(|(_, e)| self.indexed(e)).collect();
            indexed += rows.len() as u64;
            let act = Act::Register(Box::new(RegistrationAct::Index(rows)));
            self.commit(&Actors::default(), act)?;
        }
    }

    /// Where an older program began the record, or was interrupted in this.
    pub(crate) fn index_older(&self) -> Result<(), CaError> {
        if self.store.is_indexed()? {
            return Ok(());
        }
        let indexed = self.index_certificates()?;
        tracing::info!(indexed, "registration knows the keys of older certificates");
        Ok(())
    }

    fn indexed(&self, entry: &CertificateEntry) -> Option<IndexedCertificate> {
        let certificate = entry.certificate.as_ref()?;
        // A certificate of a profile that is gone was somebody's all the same.
        let of_provider = self
            .profile(&entry.profile)
            .is_ok_and(|p| need(p) == RequestNeed::Never)
            || certificate.is_ca();
        let organisation =
            pki_asn1::name::attribute(certificate.subject(), &oid::AT_ORGANIZATION_IDENTIFIER);
        Some(IndexedCertificate {
            certificate: Certificate {
                authority: entry.authority.clone(),
                serial: entry.serial_hex(),
            },
            key_sha256: key_sha256(certificate.public_key_bits()),
            organisation: organisation.filter(|_| !of_provider),
        })
    }
}
