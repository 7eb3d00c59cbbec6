//! Why a CRL or an OCSP response is there and counts for nothing: who signed it, or what it says of itself
//! (RFC 5280 section 6.3.3, RFC 6960 section 3.2).

use pki_asn1::UnixTime;
use pki_crypto::SignatureAlgorithm;

use crate::budget::BudgetKind;
use crate::error::PathError;
use crate::signature::SignatureError;

/// What is wrong with evidence. Names are subjects as they are shown.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// What it says depends on something that is not known here.
    #[error("it has a critical extension that is not understood")]
    CriticalExtension,
    /// producedAt lies after the time of validation.
    #[error("it claims to be made in the future")]
    FromTheFuture,
    /// It is signed with an algorithm that whoever relies on it takes for broken.
    #[error("{algorithm}, with which it is signed, is not reliable any more since {until}")]
    AlgorithmEnded {
        /// The algorithm.
        algorithm: SignatureAlgorithm,
        /// Since when.
        until: UnixTime,
    },
    /// It is signed with an algorithm that whoever relies on it never accepts.
    #[error("{algorithm}, with which it is signed, is not accepted by the policy")]
    AlgorithmNotAccepted {
        /// The algorithm.
        algorithm: SignatureAlgorithm,
    },
    /// What it covers cannot be told.
    #[error("its issuingDistributionPoint is malformed")]
    MalformedDistributionPoint,
    /// An entry does not decode; it could be the one that is looked for.
    #[error("it has an entry that is malformed")]
    MalformedEntry,
    /// A budget was used up.
    #[error("too many {0}")]
    Budget(BudgetKind),
    /// Its signature, or a key, is of no use.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Nobody with the name of a CRL's issuer is known.
    #[error("no certificate of its issuer {issuer} is known")]
    IssuerNotFound {
        /// The CRL's issuer.
        issuer: String,
    },
    /// Nobody of the name or key that the response names is known.
    #[error("its responder's certificate is not at hand")]
    ResponderNotFound,
    /// A CRL's signer has a keyUsage without cRLSign.
    #[error("the keyUsage of {signer} does not allow signing CRLs")]
    MayNotSignCrls {
        /// The signer.
        signer: String,
    },
    /// A CRL's signer has to be cleared by a CRL, whose signer has to be cleared, and so on.
    #[error("its signer rests on too many other CRLs")]
    TooManyCrls,
    /// No valid path leads from a CRL's signer to the trust anchor.
    #[error("its signer is not valid: {0}")]
    SignerNotValid(Box<PathError>),
    /// An authority beside the certificate's own, or below it, vouches for who signed in its name.
    #[error("its signer {signer} was certified by an authority that is not above the certificate")]
    SignerNotAbove {
        /// The signer.
        signer: String,
    },
    /// A responder is vouched for by somebody else.
    #[error(
        "its signer {signer} was issued by {issuer}, not by the CA that issued the certificate"
    )]
    DelegateOfAnother {
        /// The signer.
        signer: String,
        /// Who issued its certificate.
        issuer: String,
    },
    /// The CA's key does not fit a responder's certificate.
    #[error("its signer {signer} was not signed by the CA: {why}")]
    DelegateNotSigned {
        /// The signer.
        signer: String,
        /// Why.
        why: SignatureError,
    },
    /// A responder's certificate is not for this.
    #[error("its signer {signer} lacks the key usage OCSPSigning")]
    DelegateNotForOcsp {
        /// The signer.
        signer: String,
    },
    /// A responder's keyUsage lacks digitalSignature.
    #[error("the keyUsage of its signer {signer} forbids signing")]
    DelegateMayNotSign {
        /// The signer.
        signer: String,
    },
    /// A responder's certificate was not valid at producedAt.
    #[error("its signer {signer} was not valid at {at}")]
    DelegateNotValid {
        /// The signer.
        signer: String,
        /// When it signed.
        at: UnixTime,
    },
    /// A responder answers about its own certificate.
    #[error("its signer {signer} is the one whom the answer is about")]
    VouchesForItself {
        /// The signer.
        signer: String,
    },
    /// A responder was revoked, or who signed a CRL in the authority's place.
    #[error("its signer {signer} was revoked at {at}")]
    SignerRevoked {
        /// The signer.
        signer: String,
        /// When.
        at: UnixTime,
    },
    /// Whether a responder was revoked is not known.
    #[error(
        "its signer {signer} has no id-pkix-ocsp-nocheck, and whether it was revoked is not known"
    )]
    DelegateStatusNotKnown {
        /// The signer.
        signer: String,
    },
}
