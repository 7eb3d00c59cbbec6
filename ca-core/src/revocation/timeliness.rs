//! How long revocations took: from the request to the decision, and from there to the first CRL, held
//! against the limits of EN 319 411-1.

/// EN 319 411-1: at most 24 hours from the request to the decision.
pub const REQUEST_LIMIT_SECONDS: u64 = 24 * 3_600;
/// EN 319 411-1: at most 60 minutes from the decision until the status is published.
pub const PUBLICATION_LIMIT_SECONDS: u64 = 3_600;

/// Times that something took, in seconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Distribution {
    /// How many.
    pub count: u64,
    /// Half of them took no longer.
    pub median: u64,
    /// The longest.
    pub maximum: u64,
    /// How many took longer than the limit.
    pub beyond: u64,
}

/// How timely changes of status were decided and published.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Timeliness {
    /// From the request to the decision: that is also when OCSP tells it.
    pub decision: Distribution,
    /// From the decision to the first CRL that tells it.
    pub crl: Distribution,
    /// Changes that no CRL tells yet.
    pub waiting: u64,
    /// How long the oldest of these waits by now.
    pub longest_wait: Option<u64>,
}

impl Distribution {
    /// Of these times, held against a limit.
    #[must_use]
    pub fn of(mut seconds: Vec<u32>, limit: u64) -> Self {
        let count = seconds.len();
        if count == 0 {
            return Self::default();
        }
        let beyond = seconds.iter().filter(|s| u64::from(**s) > limit).count();
        let maximum = seconds.iter().copied().max().unwrap_or(0);
        let (_, median, _) = seconds.select_nth_unstable((count - 1) / 2);
        Self {
            count: count as u64,
            median: u64::from(*median),
            maximum: u64::from(maximum),
            beyond: beyond as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_within_it() {
        let of = |seconds: &[u32]| Distribution::of(seconds.to_vec(), 60);
        assert_eq!(of(&[]), Distribution::default());
        let even = of(&[61, 0, 60, 10]);
        assert_eq!(
            (even.count, even.median, even.maximum, even.beyond),
            (4, 10, 61, 1)
        );
        assert_eq!(of(&[5]).median, 5);
    }
}
