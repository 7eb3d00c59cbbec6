//! What a relying party asks for (EN 319 102-1 clause 5.1.4.2): constraints on certificates, revocation
//! data, algorithms by date, signed attributes, time-stamps and containers.
//!
//! Every constraint has a default, and the default of all of them together is
//! [`ValidationPolicy::default`]. [`PolicyFile`] is the policy as it is written down.

use core::time::Duration;
use std::collections::BTreeSet;

use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;

mod algorithms;
mod file;

pub(crate) use algorithms::digest_good_until;
pub use algorithms::{AlgorithmTable, Ends, Scheme};
pub use file::{PolicyFile, SHIPPED};

/// The constraints that a verdict applies.
#[derive(Clone, Debug)]
pub struct ValidationPolicy {
    /// Whether certificates must be known not to be revoked.
    pub revocation: RevocationRule,
    /// How old revocation data may be.
    pub freshness: Freshness,
    /// How far another party's clock may be ahead.
    pub clock_skew: Duration,
    /// Until when algorithms are good enough.
    pub algorithms: AlgorithmTable,
    /// Whether what was signed with an algorithm that has ended passes where it is proven to be older.
    pub ended_algorithms: EndedAlgorithms,
    /// What a signature has to be like.
    pub signature: SignatureConstraints,
    /// What the signer's certificate and its chain have to be like.
    pub certificate: CertificateConstraints,
    /// What time-stamps have to be like.
    pub timestamp: TimestampConstraints,
    /// Whether a container may hold files that nobody signed.
    pub unsigned_files: Acceptance,
}

impl Default for ValidationPolicy {
    fn default() -> Self {
        Self {
            revocation: RevocationRule::Required,
            freshness: Freshness::default(),
            clock_skew: Duration::from_secs(300),
            algorithms: AlgorithmTable::default(),
            ended_algorithms: EndedAlgorithms::IfProven,
            signature: SignatureConstraints::default(),
            certificate: CertificateConstraints::default(),
            timestamp: TimestampConstraints::default(),
            unsigned_files: Acceptance::Refused,
        }
    }
}

/// Whether revocation evidence is needed for every certificate below an anchor.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RevocationRule {
    /// No evidence, no TOTAL-PASSED.
    #[default]
    Required,
    /// Evidence counts where there is some.
    IfAvailable,
}

/// What is left of a thing that a policy names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Acceptance {
    #[default]
    Refused,
    Accepted,
}

/// Whether a thing has to be there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Requirement {
    Required,
    #[default]
    Optional,
}

/// The revocation freshness constraints (clause 5.2.5). Evidence must in any case not have run out at
/// the time that is proven for the signature, or now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Freshness {
    /// How old evidence about the signer's certificate may be.
    pub max_age: Option<Duration>,
    /// How old evidence about the certificates above it may be.
    pub max_age_of_ca: Option<Duration>,
    /// Whether evidence about the signer's certificate must be younger than the signature.
    pub after_signature: Requirement,
}

/// What becomes of a signature whose algorithms have ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum EndedAlgorithms {
    /// It is judged at the time that is proven for it.
    #[default]
    IfProven,
    /// It is judged now, whatever is proven.
    Refused,
}

/// Constraints on signatures.
#[derive(Clone, Debug, Default)]
pub struct SignatureConstraints {
    /// Attributes that must be signed.
    pub required: BTreeSet<SignedAttribute>,
    /// The accepted signature policies; any, and none, where empty.
    pub policies: BTreeSet<ObjectIdentifier>,
    /// Whether the document of a signature policy that is named must be at hand.
    pub policy_document: Requirement,
    /// Whether the signer's word for the time counts where nothing proves it. A revocation counts
    /// all the same.
    pub claimed_time: Acceptance,
    /// Whether a valid proof of the time is needed.
    pub proven_time: Requirement,
}

/// An attribute that a policy may ask for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum SignedAttribute {
    SigningCertificate,
    SigningTime,
    SignaturePolicy,
    CommitmentType,
    SignerLocation,
    ContentHints,
    MimeType,
    ContentTimestamp,
}

impl SignedAttribute {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::SigningCertificate,
        Self::SigningTime,
        Self::SignaturePolicy,
        Self::CommitmentType,
        Self::SignerLocation,
        Self::ContentHints,
        Self::MimeType,
        Self::ContentTimestamp,
    ];

    /// As a policy file writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SigningCertificate => "signing-certificate",
            Self::SigningTime => "signing-time",
            Self::SignaturePolicy => "signature-policy",
            Self::CommitmentType => "commitment-type",
            Self::SignerLocation => "signer-location",
            Self::ContentHints => "content-hints",
            Self::MimeType => "mime-type",
            Self::ContentTimestamp => "content-time-stamp",
        }
    }
}

/// Constraints on the signer's certificate and its chain.
#[derive(Clone, Debug, Default)]
pub struct CertificateConstraints {
    /// Certificate policies of which one must run through the chain; any, where empty.
    pub policies: BTreeSet<ObjectIdentifier>,
    /// Whether the certificate must state that it is a qualified one (EN 319 412-5).
    pub qualified: Requirement,
    /// Key usages of which the certificate must have one, where it restricts them.
    pub key_usage: SigningUsages,
    /// Extended key usages of which the certificate must have one; where empty, those for servers, OCSP
    /// and time-stamps alone are refused.
    pub extended_key_usage: BTreeSet<ObjectIdentifier>,
    /// How many CAs may stand between the signer and the trust anchor.
    pub max_depth: Option<usize>,
}

/// The key usages with which a certificate may sign documents.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SigningUsages {
    /// digitalSignature or nonRepudiation.
    #[default]
    Either,
    /// nonRepudiation.
    NonRepudiation,
    /// digitalSignature.
    DigitalSignature,
}

/// Constraints on time-stamps.
#[derive(Clone, Debug, Default)]
pub struct TimestampConstraints {
    /// The digests that an imprint may be made with; any that has not ended, where empty.
    pub digests: BTreeSet<DigestAlgorithm>,
    /// The accepted policies of time-stamping authorities; any, where empty.
    pub policies: BTreeSet<ObjectIdentifier>,
    /// Until when algorithms are good enough in time-stamps, where it is not the same.
    pub algorithms: Option<AlgorithmTable>,
}
