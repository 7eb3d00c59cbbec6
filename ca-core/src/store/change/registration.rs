//! Registration: operators, requests, organisations, revocation codes, and what a certificate has to
//! do with them.

use crate::profile::{DuplicateKey, DuplicateSubject};
use crate::registration::{Certificate, Event, SignedDecision};

/// An act of registration.
#[derive(Clone, Debug)]
pub enum RegistrationAct {
    /// The next step in the life of an operator, a request, an organisation.
    Step(Step),
    /// Keys and organisations of certificates that older programs recorded without them.
    Index(Vec<IndexedCertificate>),
    /// Somebody tried a wrong revocation code.
    RefuseCode(CodeRefusal),
}

/// A step, who decided it, and the certificates it takes along.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step.
    pub event: Event,
    /// The signature behind it; `None` where nobody needs to sign.
    pub decision: Option<SignedDecision>,
    /// Those of others who had to sign as well.
    pub further: Vec<SignedDecision>,
    /// The certificates that are revoked, suspended or resumed with it, all in this one act.
    pub certificates: Vec<Certificate>,
}

/// A certificate's key and organisation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IndexedCertificate {
    /// Which.
    pub certificate: Certificate,
    /// SHA-256 of its subjectPublicKey bits.
    pub key_sha256: [u8; 32],
    /// Its subject's organizationIdentifier.
    pub organisation: Option<String>,
}

/// A wrong revocation code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodeRefusal {
    /// The serial number that was named (content octets), whether or not there is such a certificate.
    pub serial: Vec<u8>,
}

/// What INTENT says about registration.
#[derive(Clone, Debug)]
pub struct IntentRegistration {
    /// SHA-256 of the subjectPublicKey bits: one key has one value, however it is written down.
    pub key_sha256: [u8; 32],
    /// The subject's organizationIdentifier.
    pub organisation: Option<String>,
    /// What to do where the key was certified before.
    pub duplicate_key: DuplicateKey,
    /// What to do where the subject has a valid certificate of this profile.
    pub duplicate_subject: DuplicateSubject,
    /// Whether a request must have been approved, once operators are enrolled.
    pub need: RequestNeed,
    /// Where the key came from.
    pub origin: KeyOrigin,
    /// The certificate that this one follows: neither its key nor its subject is a duplicate.
    pub renews: Option<Certificate>,
    /// SHA-256 of the revocation code.
    pub revocation_code: Option<[u8; 32]>,
    /// The request that is fulfilled.
    pub request: Option<Box<IntentRequest>>,
}

impl IntentRegistration {
    /// For a certificate of the provider's own: nobody requested it, and it stands in nobody's way.
    #[must_use]
    pub fn of_provider(key_sha256: [u8; 32]) -> Self {
        Self {
            key_sha256,
            organisation: None,
            duplicate_key: DuplicateKey::Allow,
            duplicate_subject: DuplicateSubject::Allow,
            need: RequestNeed::Never,
            origin: KeyOrigin::Held,
            renews: None,
            revocation_code: None,
            request: None,
        }
    }
}

/// Where the key of a certificate came from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KeyOrigin {
    /// It is held here, or was proven before.
    #[default]
    Held,
    /// From a PKCS#10 request: who has it is known from elsewhere only.
    Request,
}

/// Whether a certificate needs a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestNeed {
    /// People's and organisations' certificates do, once operators are enrolled.
    WhereOperators,
    /// The CA's own do not: authorities, OCSP signers, time-stamping units.
    Never,
}

/// The request that a certificate fulfils.
#[derive(Clone, Debug)]
pub struct IntentRequest {
    /// The step that issues it.
    pub step: Step,
    /// SHA-256 of the request's document, hexadecimal.
    pub sha256: String,
    /// Who approved it.
    pub approvals: Vec<String>,
}
