//! Why a path failed: the certificate, the reason, and the clause that asks for it.
//!
//! Where several paths fail, the error of the one that came furthest is the one worth reading, so
//! kinds are ranked by how specific they are.

use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, UnixTime};

use crate::budget::BudgetKind;
use crate::revocation::{RevocationUnknown, RevokedInfo};
use crate::signature::SignatureError;

/// A failed validation: which certificate, and why.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("certificate {} (serial {}): {kind}", .certificate.display_subject(), .certificate.serial_hex())]
pub struct PathError {
    /// The certificate at fault.
    pub certificate: Certificate,
    /// What is wrong with it.
    pub kind: PathErrorKind,
    /// The path as far as it was built, target first; the anchor is not part of it.
    pub path: Vec<Certificate>,
}

/// What is wrong with a certificate in its path.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PathErrorKind {
    /// Nothing with the issuer's name is among the anchors and the pool.
    #[error("no certificate of its issuer {issuer} is known")]
    IssuerNotFound {
        /// The issuer that is missing.
        issuer: String,
    },
    /// Issuers are known, and no path through them ends at a trust anchor.
    #[error("no path leads from it to a trust anchor")]
    NoPathToAnchor,
    /// A path grew longer than the budget allows.
    #[error("the path is longer than {limit} certificates")]
    PathTooLong {
        /// The bound.
        limit: usize,
    },
    /// A budget was used up before a valid path was found.
    #[error("validation was stopped: too many {0}")]
    Budget(BudgetKind),
    /// The signature does not verify with the issuer's key.
    #[error("its signature does not verify with the key of {issuer}: {source}")]
    Signature {
        /// The issuer tried.
        issuer: String,
        /// Why.
        source: SignatureError,
    },
    /// The key of a CA certificate cannot be used to verify what it issued.
    #[error("its key cannot be used: {0}")]
    Key(SignatureError),
    /// The validity period has not begun.
    #[error("it is valid only from {not_before}, and the time is {at}")]
    NotYetValid {
        /// Start of validity.
        not_before: UnixTime,
        /// The time of validation.
        at: UnixTime,
    },
    /// The validity period is over.
    #[error("it expired at {not_after}, and the time is {at}")]
    Expired {
        /// End of validity.
        not_after: UnixTime,
        /// The time of validation.
        at: UnixTime,
    },
    /// Its issuer name is not the subject of the certificate above it.
    #[error("its issuer {found} is not {expected}")]
    NameChaining {
        /// The name above.
        expected: String,
        /// The issuer named.
        found: String,
    },
    /// An extension does not decode, or its content makes no sense.
    #[error("its extension {0} is malformed")]
    MalformedExtension(ObjectIdentifier),
    /// An extension is there twice.
    #[error("its extension {0} is there more than once")]
    DuplicateExtension(ObjectIdentifier),
    /// An extension that must be understood is not.
    #[error("its critical extension {0} is not understood")]
    UnknownCriticalExtension(ObjectIdentifier),
    /// It issued a certificate and is not a CA certificate.
    #[error("it is not a CA certificate, and another certificate was issued under it")]
    NotACa,
    /// It issued a certificate and its keyUsage lacks keyCertSign.
    #[error("its keyUsage does not allow signing certificates")]
    KeyCertSignMissing,
    /// More CA certificates follow than a pathLenConstraint above allows.
    #[error("more CA certificates follow below than pathLenConstraint allows")]
    PathLenExceeded,
    /// A name is outside the permitted subtrees.
    #[error("its name {name} is outside the subtrees that the CA above may name")]
    NameNotPermitted {
        /// The name.
        name: String,
    },
    /// A name is inside an excluded subtree.
    #[error("its name {name} is inside a subtree that the CA above is excluded from")]
    NameExcluded {
        /// The name.
        name: String,
    },
    /// A name constraint of a form whose meaning is not defined applies to a name of the certificate.
    #[error("a name constraint of a form that cannot be evaluated applies to it")]
    NameConstraintNotSupported,
    /// anyPolicy was mapped.
    #[error("its policyMappings maps from or to anyPolicy")]
    AnyPolicyMapped,
    /// No acceptable policy is left where one is required.
    #[error("no certificate policy that is required runs through the path")]
    PolicyRequired,
    /// Its extendedKeyUsage does not include the purpose.
    #[error("its extendedKeyUsage does not include {0}")]
    PurposeNotAllowed(ObjectIdentifier),
    /// Its status could not be determined (mode hard).
    #[error("its revocation status is not known: {0}")]
    RevocationUnknown(RevocationUnknown),
    /// It is revoked.
    #[error("it was revoked at {}{}", .0.at, .0.reason_suffix())]
    Revoked(RevokedInfo),
}

impl PathErrorKind {
    /// The clause that asks for what is missing.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Self::IssuerNotFound { .. } | Self::NoPathToAnchor => "RFC 5280 section 6.1",
            Self::PathTooLong { .. } | Self::Budget(_) => "local limit",
            Self::Signature { .. } | Self::Key(_) => "RFC 5280 section 6.1.3 (a)(1)",
            Self::NotYetValid { .. } | Self::Expired { .. } => "RFC 5280 section 6.1.3 (a)(2)",
            Self::RevocationUnknown(_) | Self::Revoked(_) => "RFC 5280 section 6.1.3 (a)(3)",
            Self::NameChaining { .. } => "RFC 5280 section 6.1.3 (a)(4)",
            Self::MalformedExtension(_) | Self::DuplicateExtension(_) => "RFC 5280 section 4.2",
            Self::UnknownCriticalExtension(_) => "RFC 5280 section 6.1.4 (o)",
            Self::NotACa => "RFC 5280 section 6.1.4 (k)",
            Self::KeyCertSignMissing => "RFC 5280 section 6.1.4 (n)",
            Self::PathLenExceeded => "RFC 5280 section 6.1.4 (l)",
            Self::NameNotPermitted { .. } | Self::NameConstraintNotSupported => {
                "RFC 5280 section 6.1.3 (b)"
            }
            Self::NameExcluded { .. } => "RFC 5280 section 6.1.3 (c)",
            Self::AnyPolicyMapped => "RFC 5280 section 6.1.4 (a)",
            Self::PolicyRequired => "RFC 5280 section 6.1.3 (f) and 6.1.5 (g)",
            Self::PurposeNotAllowed(_) => "RFC 5280 section 4.2.1.12",
        }
    }

    /// How specific the error is: the higher, the closer the path came to being valid.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::NoPathToAnchor => 1,
            // It names who is missing, and where the certificate says that issuer is to be had.
            Self::IssuerNotFound { .. } => 2,
            Self::PathTooLong { .. } => 3,
            Self::Signature { .. } | Self::Key(_) => 4,
            Self::NameChaining { .. } => 5,
            Self::MalformedExtension(_) | Self::DuplicateExtension(_) => 6,
            Self::UnknownCriticalExtension(_) => 7,
            Self::NotACa | Self::KeyCertSignMissing => 8,
            Self::PathLenExceeded => 9,
            Self::NameNotPermitted { .. }
            | Self::NameExcluded { .. }
            | Self::NameConstraintNotSupported => 10,
            Self::AnyPolicyMapped | Self::PolicyRequired => 11,
            Self::PurposeNotAllowed(_) => 12,
            Self::NotYetValid { .. } | Self::Expired { .. } => 13,
            Self::RevocationUnknown(_) => 14,
            Self::Revoked(_) => 15,
            Self::Budget(_) => 16,
        }
    }
}

impl PathError {
    pub(crate) fn new(
        certificate: &Certificate,
        kind: PathErrorKind,
        path: &[Certificate],
    ) -> Self {
        Self {
            certificate: certificate.clone(),
            kind,
            path: path.to_vec(),
        }
    }

    /// Of two errors, the one worth reading.
    pub(crate) fn more_specific(self, other: Self) -> Self {
        if other.kind.rank() > self.kind.rank() {
            other
        } else {
            self
        }
    }

    /// What would help, where something would.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match &self.kind {
            PathErrorKind::IssuerNotFound { issuer } => format!(
                "give the certificate of {issuer}, as a trust anchor if you trust it or as a further certificate if it leads to one"
            ),
            PathErrorKind::NoPathToAnchor => {
                "give the root certificate that you trust, or the missing certificates between"
                    .into()
            }
            PathErrorKind::Expired { not_after, .. } => {
                format!("a proof that the signature existed before {not_after} would change this")
            }
            PathErrorKind::NotYetValid { not_before, .. } => {
                format!("check the clock; the certificate begins at {not_before}")
            }
            PathErrorKind::RevocationUnknown(why) => return why.hint(),
            PathErrorKind::PolicyRequired => {
                "accept another policy, or do not require an explicit policy".into()
            }
            PathErrorKind::Budget(_) => {
                "offer fewer certificates, or raise the budget for input you trust".into()
            }
            _ => return None,
        })
    }
}
