//! How something that ends stands: pure decisions over times, so that tests travel in time.

use pki_asn1::UnixTime;

/// How it stands, from best to worst.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Standing {
    /// It says that it is the last of its kind (nextUpdate 99991231235959Z, EN 319 411-1), or what it
    /// belongs to has ended.
    Final,
    /// In order.
    Current,
    /// In the last fifth of its life: its successor should be there.
    Soon,
    /// Over, or not begun.
    Out,
}

/// How something that holds from `begin` to `end` stands at `now`.
pub(crate) fn of(begin: UnixTime, end: UnixTime, now: UnixTime) -> Standing {
    if end == UnixTime::MAX && begin <= now {
        return Standing::Final;
    }
    let (life, left) = (end.since(begin), end.since(now));
    if now < begin || left < 0 {
        Standing::Out
    } else if left <= life / 5 {
        Standing::Soon
    } else {
        Standing::Current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fifth_is_a_warning_and_the_last_second_is_still_in() {
        let at = |now| {
            of(
                UnixTime::from_secs(1_000),
                UnixTime::from_secs(2_000),
                UnixTime::from_secs(now),
            )
        };
        assert_eq!(at(999), Standing::Out);
        assert_eq!(at(1_000), Standing::Current);
        assert_eq!(at(1_799), Standing::Current);
        assert_eq!(at(1_800), Standing::Soon);
        assert_eq!(at(2_000), Standing::Soon);
        assert_eq!(at(2_001), Standing::Out);
    }

    #[test]
    fn the_last_crl_of_an_authority_never_goes_red() {
        let far = UnixTime::from_secs(UnixTime::MAX.as_secs() - 1);
        assert_eq!(of(UnixTime::EPOCH, UnixTime::MAX, far), Standing::Final);
    }
}
