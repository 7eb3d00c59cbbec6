//! Whether a CRL is still what relying parties should be given: a pure decision over times, so that
//! it is tested by travelling in time.

use core::time::Duration;

use pki_asn1::UnixTime;

use super::{CrlName, Schedule};

/// How a published CRL stands.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Freshness {
    /// Nothing is to be done.
    Current,
    /// Its successor is to be issued now.
    Due,
    /// Its successor should have been issued: the alarm.
    Late,
    /// Its nextUpdate has passed: relying parties have no CRL.
    Expired,
    /// It says that it is the last (nextUpdate 99991231235959Z, EN 319 411-1).
    Last,
}

/// One line of CRLs of an authority, as it stands now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CrlStanding {
    /// Which.
    pub name: CrlName,
    /// The latest one published; `None` before the first.
    pub latest: Option<Latest>,
    /// When the next is due.
    pub due: UnixTime,
    /// How it stands.
    pub freshness: Freshness,
}

/// What is known of the latest CRL of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Latest {
    /// Its cRLNumber.
    pub number: u64,
    /// When it was issued.
    pub this_update: UnixTime,
    /// When the next one will be there.
    pub next_update: UnixTime,
}

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) now: UnixTime,
    /// The authority has been there since.
    pub(crate) begins: UnixTime,
    pub(crate) latest: Option<Latest>,
    pub(crate) schedule: Schedule,
    pub(crate) late_after: Duration,
    /// The decision of the oldest change of status that this line does not show yet, and how long it
    /// may wait.
    pub(crate) waiting: Option<(UnixTime, Duration)>,
}

/// EN 319 411-1: from the decision until the status is published.
const PUBLICATION_LIMIT: Duration = Duration::from_secs(3_600);

impl CrlStanding {
    /// Whether the next one is to be issued now.
    #[must_use]
    pub fn is_due(&self, now: UnixTime) -> bool {
        self.freshness != Freshness::Last && self.due <= now
    }
}

impl Freshness {
    /// Whether somebody must be told.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::Late | Self::Expired)
    }

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Due => "due",
            Self::Late => "late",
            Self::Expired => "expired",
            Self::Last => "last",
        }
    }
}

/// When the next CRL is due, and how the line stands.
pub(crate) fn judge(facts: &Facts) -> (UnixTime, Freshness) {
    let scheduled = match facts.latest {
        Some(latest) if latest.next_update == UnixTime::MAX => {
            return (UnixTime::MAX, Freshness::Last);
        }
        // A CRL that ends with its CA, or was given a shorter life by hand, is renewed halfway.
        Some(latest) => {
            let life = latest.next_update.since(latest.this_update).unsigned_abs();
            let renewal = if facts.schedule.renewal.as_secs() < life {
                facts.schedule.renewal
            } else {
                Duration::from_secs(life / 2)
            };
            latest.this_update + renewal
        }
        None => facts.begins,
    };
    let (mut due, mut late) = (scheduled, scheduled + facts.late_after);
    if let Some((decided, within)) = facts.waiting {
        due = due.min(decided + within);
        late = late.min(decided + within.max(PUBLICATION_LIMIT));
    }
    let expired = facts.latest.is_some_and(|l| l.next_update < facts.now);
    let freshness = if expired {
        Freshness::Expired
    } else if facts.now > late {
        Freshness::Late
    } else if facts.now >= due {
        Freshness::Due
    } else {
        Freshness::Current
    };
    (due, freshness)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn at(now: i64, latest: Option<(i64, i64)>, waiting: Option<i64>) -> (i64, Freshness) {
        let hours = |n: i64| UnixTime::from_secs(n * HOUR);
        let (due, freshness) = judge(&Facts {
            now: UnixTime::from_secs(now),
            begins: hours(0),
            latest: latest.map(|(this, next)| Latest {
                number: 1,
                this_update: hours(this),
                next_update: hours(next),
            }),
            schedule: Schedule {
                validity: Duration::from_secs(72 * 3_600),
                renewal: Duration::from_secs(24 * 3_600),
            },
            late_after: Duration::from_secs(3_600),
            waiting: waiting.map(|t| (UnixTime::from_secs(t), Duration::from_secs(1_800))),
        });
        (due.as_secs(), freshness)
    }

    #[test]
    fn a_crl_is_due_before_its_end_and_late_is_an_alarm() {
        let crl = Some((0, 72));
        assert_eq!(at(24 * HOUR - 1, crl, None).1, Freshness::Current);
        assert_eq!(at(24 * HOUR, crl, None).1, Freshness::Due);
        assert_eq!(at(25 * HOUR, crl, None).1, Freshness::Due);
        assert_eq!(at(25 * HOUR + 1, crl, None).1, Freshness::Late);
        assert_eq!(at(72 * HOUR, crl, None).1, Freshness::Late);
        assert_eq!(at(72 * HOUR + 1, crl, None).1, Freshness::Expired);
        assert!(Freshness::Expired.is_alarm() && Freshness::Late.is_alarm());
    }

    #[test]
    fn the_first_crl_is_due_at_once() {
        assert_eq!(at(0, None, None), (0, Freshness::Due));
        assert_eq!(at(HOUR + 1, None, None).1, Freshness::Late);
    }

    #[test]
    fn a_short_crl_is_renewed_before_it_ends() {
        assert_eq!(at(0, Some((0, 4)), None), (2 * HOUR, Freshness::Current));
    }

    #[test]
    fn a_revocation_does_not_wait_for_the_schedule() {
        let crl = Some((0, 72));
        assert_eq!(
            at(HOUR, crl, Some(HOUR)),
            (HOUR + 1_800, Freshness::Current)
        );
        assert_eq!(at(HOUR + 1_800, crl, Some(HOUR)).1, Freshness::Due);
        assert_eq!(at(2 * HOUR + 1, crl, Some(HOUR)).1, Freshness::Late);
    }

    #[test]
    fn the_last_crl_has_no_successor() {
        let never = UnixTime::MAX.as_secs() / HOUR;
        let last = Latest {
            number: 9,
            this_update: UnixTime::from_secs(HOUR),
            next_update: UnixTime::MAX,
        };
        let facts = Facts {
            now: UnixTime::from_secs(never * HOUR),
            begins: UnixTime::EPOCH,
            latest: Some(last),
            schedule: Schedule {
                validity: Duration::from_secs(2),
                renewal: Duration::from_secs(1),
            },
            late_after: Duration::from_secs(1),
            waiting: None,
        };
        assert_eq!(judge(&facts), (UnixTime::MAX, Freshness::Last));
    }
}
