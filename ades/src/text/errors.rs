//! What `pki-path` and `pki-crypto` say where something is wrong, as sentences that a catalogue knows: the
//! error's variant is the template, its fields are what fills it. In English they read as the errors do.

use pki_crypto::suites::Retired;
use pki_crypto::{KeyError, UnsupportedAlgorithm, VerifyError};
use pki_path::{
    BudgetKind, Distrust, PathError, PathErrorKind, RevocationUnknown, RevokedInfo, SignatureError,
};

use super::{Argument, Fill, Text};
use crate::text;

macro_rules! sentences {
    ($($error:ty),* $(,)?) => {
        $(impl Fill for $error {
            fn fill(&self) -> Argument {
                Argument::Text(Text::from(self))
            }
        })*
    };
}

sentences! {
    PathError, PathErrorKind, RevocationUnknown, RevokedInfo, Distrust, SignatureError, BudgetKind,
    KeyError, UnsupportedAlgorithm, VerifyError, Retired,
}

impl From<&PathError> for Text {
    fn from(error: &PathError) -> Self {
        text!(
            "certificate {} (serial {}): {}",
            error.certificate.display_subject(),
            error.certificate.serial_hex(),
            error.kind
        )
    }
}

impl From<&PathErrorKind> for Text {
    fn from(kind: &PathErrorKind) -> Self {
        use PathErrorKind as K;
        match kind {
            K::IssuerNotFound { issuer } => {
                text!("no certificate of its issuer {} is known", issuer)
            }
            K::NoPathToAnchor => "no path leads from it to a trust anchor".into(),
            K::PathTooLong { limit } => text!("the path is longer than {} certificates", limit),
            K::Budget(kind) => text!("validation was stopped: too many {}", kind),
            K::Signature { issuer, source } => text!(
                "its signature does not verify with the key of {}: {}",
                issuer,
                source
            ),
            K::Key(why) => text!("its key cannot be used: {}", why),
            K::NotYetValid { not_before, at } => {
                text!(
                    "it is valid only from {}, and the time is {}",
                    not_before,
                    at
                )
            }
            K::Expired { not_after, at } => {
                text!("it expired at {}, and the time is {}", not_after, at)
            }
            K::NameChaining { expected, found } => {
                text!("its issuer {} is not {}", found, expected)
            }
            K::MalformedExtension(id) => text!("its extension {} is malformed", id),
            K::DuplicateExtension(id) => text!("its extension {} is there more than once", id),
            K::UnknownCriticalExtension(id) => {
                text!("its critical extension {} is not understood", id)
            }
            K::NotACa => {
                "it is not a CA certificate, and another certificate was issued under it".into()
            }
            K::KeyCertSignMissing => "its keyUsage does not allow signing certificates".into(),
            K::PathLenExceeded => {
                "more CA certificates follow below than pathLenConstraint allows".into()
            }
            K::NameNotPermitted { name } => text!(
                "its name {} is outside the subtrees that the CA above may name",
                name
            ),
            K::NameExcluded { name } => text!(
                "its name {} is inside a subtree that the CA above is excluded from",
                name
            ),
            K::NameConstraintNotSupported => {
                "a name constraint of a form that cannot be evaluated applies to it".into()
            }
            K::AnyPolicyMapped => "its policyMappings maps from or to anyPolicy".into(),
            K::PolicyRequired => {
                "no certificate policy that is required runs through the path".into()
            }
            K::PurposeNotAllowed(id) => text!("its extendedKeyUsage does not include {}", id),
            K::RevocationUnknown(why) => text!("its revocation status is not known: {}", why),
            K::Revoked(info) => info.into(),
            other => other.to_string().into(),
        }
    }
}

impl From<&RevokedInfo> for Text {
    fn from(info: &RevokedInfo) -> Self {
        match info.reason {
            None => text!("it was revoked at {}", info.at),
            Some(_) => text!("it was revoked at {} ({})", info.at, info.reason_name()),
        }
    }
}

impl From<&RevocationUnknown> for Text {
    fn from(unknown: &RevocationUnknown) -> Self {
        use RevocationUnknown as U;
        match unknown {
            U::NoEvidence { issuer, .. } => text!(
                "no CRL or OCSP response for certificates of {} was found",
                issuer
            ),
            U::NotCurrent {
                what,
                this_update,
                covers,
            } => text!(
                "the newest {} (of {}) is not current at {}",
                what,
                this_update,
                covers
            ),
            U::AfterTheEnd {
                what,
                this_update,
                ended,
            } => text!(
                "the {} of {} was made after the certificate ended at {}, and does not say that it keeps expired certificates",
                what,
                this_update,
                ended
            ),
            U::BeforeTheBeginning {
                what,
                this_update,
                began,
            } => text!(
                "the {} of {} was made before the certificate began at {}",
                what,
                this_update,
                began
            ),
            U::NotTrusted { what, why } => text!("the {} cannot be trusted: {}", what, **why),
            U::SignerEnded {
                what,
                signer,
                not_after,
            } => text!(
                "the {} cannot be trusted any more: the certificate of its signer {} ended at {}",
                what,
                signer,
                not_after
            ),
            U::NotCovered => "the CRLs at hand do not cover the certificate for all reasons".into(),
            U::ResponderDoesNotKnow => {
                "the OCSP responder answers that it does not know the certificate".into()
            }
            other => other.to_string().into(),
        }
    }
}

impl From<&Distrust> for Text {
    fn from(distrust: &Distrust) -> Self {
        use Distrust as D;
        match distrust {
            D::CriticalExtension => "it has a critical extension that is not understood".into(),
            D::AlgorithmEnded { algorithm, until } => text!(
                "{}, with which it is signed, is not reliable any more since {}",
                algorithm,
                until
            ),
            D::AlgorithmNotAccepted { algorithm } => text!(
                "{}, with which it is signed, is not accepted by the policy",
                algorithm
            ),
            D::FromTheFuture => "it claims to be made in the future".into(),
            D::MalformedDistributionPoint => "its issuingDistributionPoint is malformed".into(),
            D::MalformedEntry => "it has an entry that is malformed".into(),
            D::SignerNotAbove { signer } => text!(
                "its signer {} was certified by an authority that is not above the certificate",
                signer
            ),
            D::Budget(kind) => text!("too many {}", kind),
            D::Signature(why) => why.into(),
            D::IssuerNotFound { issuer } => {
                text!("no certificate of its issuer {} is known", issuer)
            }
            D::ResponderNotFound => "its responder's certificate is not at hand".into(),
            D::MayNotSignCrls { signer } => {
                text!("the keyUsage of {} does not allow signing CRLs", signer)
            }
            D::TooManyCrls => "its signer rests on too many other CRLs".into(),
            D::SignerNotValid(why) => text!("its signer is not valid: {}", **why),
            D::DelegateOfAnother { signer, issuer } => text!(
                "its signer {} was issued by {}, not by the CA that issued the certificate",
                signer,
                issuer
            ),
            D::DelegateNotSigned { signer, why } => {
                text!("its signer {} was not signed by the CA: {}", signer, why)
            }
            D::DelegateNotForOcsp { signer } => {
                text!("its signer {} lacks the key usage OCSPSigning", signer)
            }
            D::DelegateMayNotSign { signer } => {
                text!("the keyUsage of its signer {} forbids signing", signer)
            }
            D::DelegateNotValid { signer, at } => {
                text!("its signer {} was not valid at {}", signer, at)
            }
            D::VouchesForItself { signer } => {
                text!("its signer {} is the one whom the answer is about", signer)
            }
            D::SignerRevoked { signer, at } => {
                text!("its signer {} was revoked at {}", signer, at)
            }
            D::DelegateStatusNotKnown { signer } => text!(
                "its signer {} has no id-pkix-ocsp-nocheck, and whether it was revoked is not known",
                signer
            ),
            other => other.to_string().into(),
        }
    }
}

impl From<&SignatureError> for Text {
    fn from(error: &SignatureError) -> Self {
        match error {
            SignatureError::Key(why) => why.into(),
            SignatureError::Algorithm(why) => why.into(),
            SignatureError::Verify(why) => why.into(),
            SignatureError::Broken(algorithm) => {
                text!("{} proves nothing: its digest is broken", algorithm)
            }
            SignatureError::AlgorithmsDiffer => {
                "the signature algorithm inside the signed part differs from the one outside".into()
            }
            other => other.to_string().into(),
        }
    }
}

impl From<&BudgetKind> for Text {
    fn from(kind: &BudgetKind) -> Self {
        match kind {
            BudgetKind::Signatures => "signatures verified".into(),
            BudgetKind::Paths => "paths tried".into(),
            BudgetKind::Candidates => "issuers considered".into(),
            BudgetKind::NameComparisons => "name constraint comparisons".into(),
            BudgetKind::PolicyNodes => "policy graph nodes".into(),
            other => other.to_string().into(),
        }
    }
}

impl From<&KeyError> for Text {
    fn from(error: &KeyError) -> Self {
        match error {
            KeyError::Malformed(why) => text!("public key is malformed: {}", Text::from(*why)),
            KeyError::Algorithm(id) => {
                text!(
                    "public key algorithm {} is not supported",
                    pki_crypto::named(id)
                )
            }
            KeyError::Curve(id) => {
                text!("elliptic curve {} is not supported", pki_crypto::named(id))
            }
            KeyError::Retired(retired) => retired.into(),
            other => other.to_string().into(),
        }
    }
}

impl From<&Retired> for Text {
    fn from(retired: &Retired) -> Self {
        text!(
            "{} keys are too weak: {}",
            Text::from(retired.name),
            Text::from(retired.reason)
        )
    }
}

impl From<&UnsupportedAlgorithm> for Text {
    fn from(error: &UnsupportedAlgorithm) -> Self {
        match error {
            UnsupportedAlgorithm::Signature(id) => {
                text!(
                    "signature algorithm {} is not supported",
                    pki_crypto::named(id)
                )
            }
            UnsupportedAlgorithm::Digest(id) => {
                text!(
                    "digest algorithm {} is not supported",
                    pki_crypto::named(id)
                )
            }
            UnsupportedAlgorithm::PssParameters(why) => text!(
                "RSASSA-PSS parameters are not supported: {}",
                Text::from(*why)
            ),
            other => other.to_string().into(),
        }
    }
}

impl From<&VerifyError> for Text {
    fn from(error: &VerifyError) -> Self {
        match error {
            VerifyError::Invalid => {
                "the signature value does not fit the signed bytes and the key".into()
            }
            VerifyError::KeyMismatch { algorithm, key } => {
                text!(
                    "a signature of {} cannot come from a {} key",
                    algorithm,
                    key
                )
            }
            VerifyError::Unsupported { algorithm, key } => {
                text!("{} with a {} key is not supported", algorithm, key)
            }
            VerifyError::WrongDigest { algorithm, given } => text!(
                "a {} digest was given where {} was to be verified",
                given,
                algorithm
            ),
            other => other.to_string().into(),
        }
    }
}

/// What would help against an error of a path, where something would.
pub(crate) fn hint(error: &PathError) -> Option<Text> {
    Some(match &error.kind {
        PathErrorKind::IssuerNotFound { issuer } => text!(
            "give the certificate of {}, as a trust anchor if you trust it or as a further certificate if it leads to one",
            issuer
        ),
        PathErrorKind::Expired { not_after, .. } => text!(
            "a proof that the signature existed before {} would change this",
            not_after
        ),
        PathErrorKind::NotYetValid { not_before, .. } => {
            text!("check the clock; the certificate begins at {}", not_before)
        }
        _ => error.hint()?.into(),
    })
}

#[cfg(test)]
mod tests;
