//! What a relying party asks for: revocation, algorithms by date, tolerance of clocks.

use core::time::Duration;

use pki_asn1::UnixTime;
use pki_crypto::{DigestAlgorithm, KeyKind};

/// The constraints that a verdict applies.
#[derive(Clone, Debug)]
pub struct ValidationPolicy {
    /// Whether certificates must be known not to be revoked.
    pub revocation: RevocationRule,
    /// How far another party's clock may be ahead.
    pub clock_skew: Duration,
}

impl Default for ValidationPolicy {
    fn default() -> Self {
        Self {
            revocation: RevocationRule::Required,
            clock_skew: Duration::from_secs(300),
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

// Ends of use, after TS 119 312 v1.4.3 table 3 and 7 and the SOG-IS list: at the start of the year.
const YEAR_2012: UnixTime = UnixTime::from_secs(1_325_376_000);
const YEAR_2011: UnixTime = UnixTime::from_secs(1_293_840_000);
const YEAR_2029: UnixTime = UnixTime::from_secs(1_861_920_000);
const YEAR_2026: UnixTime = UnixTime::from_secs(1_767_225_600);

/// Until when a digest resists for signatures; `None` where no end is known.
pub(super) fn digest_good_until(digest: DigestAlgorithm) -> Option<UnixTime> {
    match digest {
        DigestAlgorithm::Sha1 => Some(YEAR_2012),
        DigestAlgorithm::Sha224 => Some(YEAR_2026),
        _ => None,
    }
}

/// Until when a key resists; `None` where no end is known.
pub(super) fn key_good_until(key: KeyKind) -> Option<UnixTime> {
    match key {
        KeyKind::Rsa { bits } if bits < 1024 => Some(UnixTime::EPOCH),
        KeyKind::Rsa { bits } if bits < 1900 => Some(YEAR_2011),
        // TS 119 312 v2.1.1: certificates issued until 2026 end by 2028.
        KeyKind::Rsa { bits } if bits < 3000 => Some(YEAR_2029),
        _ => None,
    }
}
