//! The words of a verdict: indications, levels, and the verdicts themselves.

use core::fmt;
use core::time::Duration;

use pki_asn1::{Certificate, UnixTime};
use pki_path::RevocationStatus;

use super::code::Code;
use super::poe::{ProofOfExistence, Proofs};
use super::record::RecordVerdict;
use super::remedy::remedy;
use super::trace::Step;
use crate::text::Text;

/// Main indication (EN 319 102-1 clause 5.1.3), least good first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum Indication {
    TotalFailed,
    Indeterminate,
    TotalPassed,
}

impl Indication {
    /// As the standard writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TotalFailed => "TOTAL-FAILED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalPassed => "TOTAL-PASSED",
        }
    }
}

impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! sub_indications {
    ($($name:ident = $text:literal,)*) => {
        /// Sub-indication (EN 319 102-1 clause 5.1.3).
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[allow(missing_docs)]
        #[non_exhaustive]
        pub enum SubIndication { $($name),* }

        impl SubIndication {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the standard writes it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

sub_indications! {
    FormatFailure = "FORMAT_FAILURE",
    HashFailure = "HASH_FAILURE",
    SigCryptoFailure = "SIG_CRYPTO_FAILURE",
    Revoked = "REVOKED",
    Expired = "EXPIRED",
    NotYetValid = "NOT_YET_VALID",
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND",
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND",
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND",
    NoCertificateChainFoundNoPoe = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE",
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    RevokedNoPoe = "REVOKED_NO_POE",
    RevokedCaNoPoe = "REVOKED_CA_NO_POE",
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE",
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED",
    RevocationOutOfBoundsNoPoe = "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    PolicyProcessingError = "POLICY_PROCESSING_ERROR",
    SignaturePolicyNotAvailable = "SIGNATURE_POLICY_NOT_AVAILABLE",
    NoPoe = "NO_POE",
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE",
    TryLater = "TRY_LATER",
    Generic = "GENERIC",
}

impl fmt::Display for SubIndication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which level's material a signature carries.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum Level {
    None,
    BB,
    BT,
    BLt,
    BLta,
}

impl Level {
    /// As in the baseline standards; `none` for signatures without a baseline form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BB => "B-B",
            Self::BT => "B-T",
            Self::BLt => "B-LT",
            Self::BLta => "B-LTA",
        }
    }
}

/// A finding for people: a stable code, a sentence, and what would change it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// What it is, for programs.
    pub code: Code,
    /// One sentence.
    pub message: Text,
    /// What would change it, where more is known of that than the code says.
    pub hint: Option<Text>,
}

impl Message {
    /// What would change it; every error has something to say about that.
    #[must_use]
    pub fn remedy(&self) -> Option<Text> {
        let by_code = || match self.code {
            Code::Reason(sub) => Some(remedy(sub)),
            Code::Attack(attack) => Some(attack.hint().into()),
            Code::Warning(_) => None,
        };
        self.hint.clone().or_else(by_code)
    }
}

/// One certificate of a chain with what is known of its revocation.
#[derive(Clone, Debug)]
pub struct ChainEntry {
    /// The certificate.
    pub certificate: Certificate,
    /// Whether it is a trust anchor.
    pub anchor: bool,
    /// Its status; `None` where the chain was not complete enough to ask.
    pub revocation: Option<RevocationStatus>,
}

/// The verdict on a time-stamp.
#[derive(Clone, Debug)]
pub struct TimestampVerdict {
    /// The verdict.
    pub indication: Indication,
    /// Why, where not passed.
    pub sub_indication: Option<SubIndication>,
    /// genTime
    pub time: UnixTime,
    /// How far that may be off by the token's own word, in whole seconds; zero for a second or better, which is
    /// what EN 319 421 asks for and EN 319 102-1 takes for exact.
    pub accuracy: Duration,
    /// The TSU's chain, the TSU first.
    pub chain: Vec<ChainEntry>,
    /// Why, in words.
    pub errors: Vec<Message>,
    /// The building blocks that ran.
    pub checks: Vec<Step>,
}

impl TimestampVerdict {
    /// It was not made before this time.
    #[must_use]
    pub fn earliest(&self) -> UnixTime {
        self.time - self.accuracy
    }

    /// It was made by this time (RFC 3161 section 2.4.2: the upper limit).
    #[must_use]
    pub fn latest(&self) -> UnixTime {
        self.time + self.accuracy
    }
}

/// The verdict on a signature or document time-stamp.
#[derive(Clone, Debug)]
pub struct SignatureVerdict {
    /// The verdict.
    pub indication: Indication,
    /// Why, where not passed.
    pub sub_indication: Option<SubIndication>,
    /// Digest and signature value fit, and the ByteRange makes sense. Says nothing about trust.
    pub intact: bool,
    /// Whether what a certification signature forbids was left alone; `None` without one.
    pub doc_mdp_ok: Option<bool>,
    /// The earliest time at which the signature is proven to exist; `None` where nothing is proven.
    pub best_signature_time: Option<UnixTime>,
    /// What proves the best signature time.
    pub proof: Option<ProofOfExistence>,
    /// The material it carries.
    pub level: Level,
    /// The signer's chain, the signer first.
    pub chain: Vec<ChainEntry>,
    /// Its time-stamps, in the order of the facts.
    pub timestamps: Vec<TimestampVerdict>,
    /// Its content-time-stamps, in the order of the facts.
    pub content_timestamps: Vec<TimestampVerdict>,
    /// Its archive time-stamps, in the order of the facts.
    pub archive: Vec<TimestampVerdict>,
    /// Why, in words; the first names the sub-indication.
    pub errors: Vec<Message>,
    /// What does not change the verdict and should be known.
    pub warnings: Vec<Message>,
    /// The building blocks that ran.
    pub checks: Vec<Step>,
}

/// The verdict on a file.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The least good of all signatures and evidence records; `None` where there is neither.
    pub indication: Option<Indication>,
    /// The time of validation.
    pub at: UnixTime,
    /// What is proven to have existed, since when, and by what.
    pub proofs: Proofs,
    /// One per signature of the facts, in their order.
    pub signatures: Vec<SignatureVerdict>,
    /// One per evidence record of the facts, in their order.
    pub evidence_records: Vec<RecordVerdict>,
}
