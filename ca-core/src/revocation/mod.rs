//! Revocation and suspension: reasons (RFC 5280 section 5.3.1), rules, times, requests.

mod rules;
mod timeliness;

use core::fmt;
use core::str::FromStr;

use pki_asn1::UnixTime;

pub use self::rules::RevocationError;
pub(crate) use self::rules::{check_reason, check_suspendable, is_short_term};
pub use self::timeliness::{
    Distribution, PUBLICATION_LIMIT_SECONDS, REQUEST_LIMIT_SECONDS, Timeliness,
};
use crate::engine::Actors;

/// Why a certificate is revoked (CRLReason, RFC 5280 section 5.3.1). `unspecified` exists in the
/// record and is never written into a CRL or OCSP response.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum RevocationReason {
    Unspecified,
    KeyCompromise,
    CaCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    CertificateHold,
    PrivilegeWithdrawn,
    AaCompromise,
}

/// An order to revoke.
#[derive(Clone, Debug)]
pub struct RevocationRequest {
    /// The issuing CA.
    pub authority: String,
    /// The certificate's serial number (content octets).
    pub serial: Vec<u8>,
    /// Why.
    pub reason: RevocationReason,
    /// Since when the key is known or believed bad (RFC 5280 section 5.3.2).
    pub invalidity_date: Option<UnixTime>,
    /// When the request was received; `None` for now. Measured against the 24 hours of EN 319 411-1.
    pub requested_at: Option<UnixTime>,
    /// Who asked and who decided.
    pub actors: Actors,
}

/// An order to suspend, or to end a suspension.
#[derive(Clone, Debug)]
pub struct SuspensionRequest {
    /// The issuing CA.
    pub authority: String,
    /// The certificate's serial number (content octets).
    pub serial: Vec<u8>,
    /// When the request was received; `None` for now.
    pub requested_at: Option<UnixTime>,
    /// Who asked and who decided.
    pub actors: Actors,
}

/// A revocation or suspension (certificateHold) as it stands in the record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// The revocation date CRLs and OCSP responses carry: the time of the decision, or of the
    /// suspension that a later decision made final.
    pub at: UnixTime,
    /// Why.
    pub reason: RevocationReason,
    /// Since when the key is known or believed bad.
    pub invalidity_date: Option<UnixTime>,
    /// When the request was received.
    pub requested_at: UnixTime,
    /// When it was decided and committed.
    pub decided_at: UnixTime,
}

impl Revocation {
    /// Whether it may still end.
    #[must_use]
    pub fn is_suspension(&self) -> bool {
        self.reason == RevocationReason::CertificateHold
    }
}

impl RevocationReason {
    const TABLE: [(Self, &'static str, u8); 9] = [
        (Self::Unspecified, "unspecified", 0),
        (Self::KeyCompromise, "keyCompromise", 1),
        (Self::CaCompromise, "cACompromise", 2),
        (Self::AffiliationChanged, "affiliationChanged", 3),
        (Self::Superseded, "superseded", 4),
        (Self::CessationOfOperation, "cessationOfOperation", 5),
        (Self::CertificateHold, "certificateHold", 6),
        (Self::PrivilegeWithdrawn, "privilegeWithdrawn", 9),
        (Self::AaCompromise, "aACompromise", 10),
    ];

    /// Its name in RFC 5280.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::TABLE
            .iter()
            .find(|(r, ..)| *r == self)
            .map_or("unspecified", |(_, name, _)| name)
    }

    /// Its CRLReason value.
    #[must_use]
    pub fn code(self) -> u8 {
        Self::TABLE
            .iter()
            .find(|(r, ..)| *r == self)
            .map_or(0, |(_, _, code)| *code)
    }

    /// The reason with this CRLReason value.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::TABLE
            .iter()
            .find(|(.., c)| *c == code)
            .map(|(reason, ..)| *reason)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RevocationReason {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::TABLE
            .iter()
            .find(|(_, name, _)| name.eq_ignore_ascii_case(s))
            .map(|(reason, ..)| *reason)
            .ok_or_else(|| {
                let names: Vec<_> = Self::TABLE.iter().map(|(_, name, _)| *name).collect();
                format!("unknown reason {s:?}; one of {}", names.join(", "))
            })
    }
}
