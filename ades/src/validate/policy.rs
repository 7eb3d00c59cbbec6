//! What a relying party asks for: revocation, algorithms by date, tolerance of clocks.

use core::time::Duration;

use pki_asn1::UnixTime;
use pki_crypto::suites::{self, Day};
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

/// The first second at which a digest does not resist any more; `None` where no end is known.
pub(crate) fn digest_good_until(digest: DigestAlgorithm) -> Option<UnixTime> {
    suites::digest_last_use(digest).map(Day::after)
}

/// The first second at which a key does not resist any more; `None` where no end is known.
pub(super) fn key_good_until(key: KeyKind) -> Option<UnixTime> {
    suites::key_last_use(key).map(Day::after)
}
