//! The codes of errors and warnings: what programs go by. `docs/codes.md` names each of them, and a test holds it to that.

use core::fmt;

use super::indication::SubIndication;
use crate::validate::facts::PdfAttack;

/// What an error or a warning is, whatever the words and the language.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Code {
    /// The reason of a verdict; of errors alone.
    Reason(SubIndication),
    /// What was found in a PDF; of errors alone, after the reason.
    Attack(PdfAttack),
    /// What does not change the verdict; of warnings alone.
    Warning(Warning),
}

impl Code {
    /// Every one there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let reasons = SubIndication::ALL.iter().copied().map(Self::Reason);
        let attacks = PdfAttack::ALL.iter().copied().map(Self::Attack);
        let warnings = Warning::ALL.iter().copied().map(Self::Warning);
        reasons.chain(attacks).chain(warnings)
    }

    /// As it is written in reports: upper case, never changed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reason(sub) => sub.as_str(),
            Self::Attack(attack) => attack.code(),
            Self::Warning(warning) => warning.as_str(),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<SubIndication> for Code {
    fn from(sub: SubIndication) -> Self {
        Self::Reason(sub)
    }
}

impl From<PdfAttack> for Code {
    fn from(attack: PdfAttack) -> Self {
        Self::Attack(attack)
    }
}

impl From<Warning> for Code {
    fn from(warning: Warning) -> Self {
        Self::Warning(warning)
    }
}

macro_rules! warnings {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What does not change a verdict and should be known.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Warning { $($(#[$doc])* $name),* }

        impl Warning {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is written in reports.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

warnings! {
    /// No valid time-stamp proves when the signature was made.
    TimeNotProven = "TIME_NOT_PROVEN",
    /// A signature-time-stamp does not count.
    TimestampNotValid = "TIMESTAMP_NOT_VALID",
    /// A time-stamp cannot be read.
    TimestampUnreadable = "TIMESTAMP_UNREADABLE",
    /// A time-stamp may be off by more than a second (RFC 3161 section 2.4.2).
    TimestampInaccurate = "TIMESTAMP_INACCURATE",
    /// An archive time-stamp does not count.
    ArchiveTimestampNotValid = "ARCHIVE_TIMESTAMP_NOT_VALID",
    /// No archive time-stamp covers all certificates and revocation values.
    ArchiveCoversPart = "ARCHIVE_COVERS_PART",
    /// The signer claims a time at which the signature is proven to have existed already.
    ClaimedTimeAfterProof = "CLAIMED_TIME_AFTER_PROOF",
    /// The signer claims a time after the one judged.
    ClaimedTimeInFuture = "CLAIMED_TIME_IN_FUTURE",
    /// The policy takes the signer's word on the time.
    ClaimedTimeAccepted = "CLAIMED_TIME_ACCEPTED",
    /// The signature has no signing-certificate attribute.
    CertificateNotSigned = "CERTIFICATE_NOT_SIGNED",
    /// The signature names its certificate by SHA-1.
    CertificateNamedBySha1 = "CERTIFICATE_NAMED_BY_SHA1",
    /// A trust anchor was relied on beyond its own dates.
    TrustAnchorEnded = "TRUST_ANCHOR_ENDED",
    /// Something that the signer declares cannot be read.
    DeclarationUnreadable = "DECLARATION_UNREADABLE",
    /// The stored document is not the one of the signature policy.
    PolicyStoreMismatch = "POLICY_STORE_MISMATCH",
    /// Forms, further signatures or annotations came after the signature, and are permitted.
    PdfChangedAfterSignature = "PDF_CHANGED_AFTER_SIGNATURE",
    /// A service was asked in vain, and the verdict did not need it.
    FetchFailed = "FETCH_FAILED",
    /// An evidence record in the signature does not count.
    EvidenceRecordNotValid = "EVIDENCE_RECORD_NOT_VALID",
    /// An evidence record differs from RFC 4998 where nothing depends on it.
    RecordNotAsSpecified = "RECORD_NOT_AS_SPECIFIED",
    /// An evidence record is about data in encrypted form.
    RecordOverEncryptedData = "RECORD_OVER_ENCRYPTED_DATA",
    /// An evidence record covers more than what was given.
    RecordOverMore = "RECORD_OVER_MORE",
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
