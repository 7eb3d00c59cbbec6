//! Whether the clock may be believed now.
//!
//! Three things are held against it: the monotonic clock (a clock that was set is seen at the next
//! time-stamp), the last time that was handed out (genTime never goes back), and the references.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pki_asn1::UnixTime;

use super::{Reading, TimeSource};
use crate::instant::{GenTimeDigits, UtcInstant};

/// Why no time can be given now.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockFault {
    /// The clock is behind the last time that was handed out.
    #[error("the clock is {} ms behind the last time-stamp", by.as_millis())]
    Behind {
        /// How far.
        by: Duration,
    },
    /// The clock was set: it went otherwise than the monotonic clock.
    #[error("the clock jumped by {by_ms} ms against the monotonic clock")]
    Jumped {
        /// How far, positive where it went forwards.
        by_ms: i64,
    },
    /// The references agree that the clock is wrong.
    #[error("the clock is {offset_ms} ms away from its references")]
    Drifted {
        /// What would have to be added to the clock.
        offset_ms: i64,
    },
    /// Too few references answered, for too long.
    #[error("the references have not confirmed the clock")]
    Unconfirmed,
    /// A leap second is due, and no reference has confirmed the clock after it.
    #[error("a leap second is under way")]
    LeapSecond,
}

/// Whether time-stamps need references that confirm the clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Requirement {
    /// There are none, or their silence does not matter; their contradiction does.
    Advisory,
    /// They confirmed the clock at most so long ago.
    Within(Duration),
}

/// What the references said of the clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Confirmation {
    /// Most of them: it is right.
    Confirmed {
        /// Their median offset in nanoseconds: reference minus clock.
        offset: i64,
        /// Whether most of them announce a leap second at the end of the month.
        leap: bool,
    },
    /// Most of them: it is wrong.
    Contradicted {
        /// Their median offset in nanoseconds.
        offset: i64,
    },
    /// Too few answered, or they do not agree.
    Silent,
}

/// A change that belongs into the record (EN 319 421 clause 7.7.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ClockEvent {
    /// From now on no time-stamps.
    Lost(ClockFault),
    /// Time-stamps again.
    Regained {
        /// The offset that the references found last, in nanoseconds.
        offset: Option<i64>,
    },
    /// The references announced a leap second.
    LeapAnnounced,
}

/// How times are handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Handing {
    /// The time as it is; several tokens may have the same.
    Shared,
    /// Each token has a time of its own in the digits of genTime, later than that of every earlier
    /// one. It may lie ahead of the clock by at most `ahead`.
    Distinct {
        /// The digits that tell two times apart.
        digits: GenTimeDigits,
        /// How long a token may have to wait for its time.
        ahead: Duration,
    },
}

/// A time for one token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Slot {
    /// The time.
    pub time: UtcInstant,
    /// How far it is ahead of the clock: the token is not released earlier.
    pub wait: Duration,
}

/// Gives the time, or refuses.
pub struct Guard {
    source: Arc<dyn TimeSource>,
    tolerance: Duration,
    requirement: Requirement,
    handing: Handing,
    observer: OnceLock<Box<dyn Fn(Reading, ClockEvent) + Send + Sync>>,
    state: Mutex<State>,
}

struct State {
    /// The reading that later ones are held against.
    anchor: Reading,
    /// The last time that was handed out.
    last: UtcInstant,
    /// When the references confirmed the clock, by the monotonic clock, and what they said.
    confirmed: Option<(Duration, i64)>,
    /// What the references said against it.
    contradicted: Option<i64>,
    /// Whether a leap second is announced for the end of the month.
    leap: bool,
    /// What was reported last.
    fault: Option<ClockFault>,
}

impl Guard {
    /// A guard that begins with believing the clock as it stands, where the requirement lets it.
    /// `tolerance` is how far the clock may be off.
    #[must_use]
    pub fn new(
        source: Arc<dyn TimeSource>,
        tolerance: Duration,
        requirement: Requirement,
        handing: Handing,
    ) -> Self {
        let anchor = source.read();
        Self {
            source,
            tolerance,
            requirement,
            handing,
            observer: OnceLock::new(),
            state: Mutex::new(State {
                anchor,
                last: UtcInstant::default(),
                confirmed: None,
                contradicted: None,
                leap: false,
                fault: None,
            }),
        }
    }

    /// Tells `observer` of every change. Once; called under the guard's lock, so it must not wait.
    pub fn observe(&self, observer: impl Fn(Reading, ClockEvent) + Send + Sync + 'static) {
        let _ = self.observer.set(Box::new(observer));
    }

    /// No time before this one will be handed out: the last one of an earlier life.
    pub fn not_before(&self, last: UtcInstant) {
        let mut state = self.lock();
        state.last = state.last.max(last);
    }

    /// How far the clock may be off.
    #[must_use]
    pub fn tolerance(&self) -> Duration {
        self.tolerance
    }

    /// The clocks.
    #[must_use]
    pub fn source(&self) -> &Arc<dyn TimeSource> {
        &self.source
    }

    /// A time for one token, never before one that was given earlier. `None` where every time until
    /// [`Handing::Distinct::ahead`] is taken.
    ///
    /// # Errors
    /// [`ClockFault`].
    pub fn take(&self) -> Result<Option<Slot>, ClockFault> {
        let mut state = self.lock();
        // Read under the lock: of two threads, the later reading is the later time.
        let reading = self.source.read();
        self.check(&mut state, reading)?;
        let slot = match self.handing {
            Handing::Shared => Slot {
                time: reading.utc,
                wait: Duration::ZERO,
            },
            Handing::Distinct { digits, ahead } => {
                let next = state.last.truncated(digits).plus(digits.step());
                let time = reading.utc.truncated(digits).max(next);
                let wait = time.since(reading.utc).max(0).unsigned_abs();
                let wait = Duration::from_nanos(wait);
                if wait > ahead {
                    return Ok(None);
                }
                Slot { time, wait }
            }
        };
        state.last = slot.time;
        Ok(Some(slot))
    }

    /// The time, where [`Guard::take`] would not refuse it.
    ///
    /// # Errors
    /// [`ClockFault`].
    pub fn check_now(&self) -> Result<UtcInstant, ClockFault> {
        let mut state = self.lock();
        let reading = self.source.read();
        self.check(&mut state, reading)?;
        Ok(reading.utc)
    }

    /// What the references say of the clock as it was at `reading`.
    pub fn confirm(&self, reading: Reading, confirmation: Confirmation) {
        let mut state = self.lock();
        match confirmation {
            Confirmation::Confirmed { offset, leap } => {
                if leap && !state.leap {
                    self.report(reading, ClockEvent::LeapAnnounced);
                }
                // An announcement ends where a reference confirms the clock after the leap; it is
                // not taken back within the last day, for servers may drop it early.
                state.leap = leap || (state.leap && leap_is_under_way(reading.utc));
                state.anchor = reading;
                state.confirmed = Some((reading.monotonic, offset));
                state.contradicted = None;
            }
            Confirmation::Contradicted { offset } => state.contradicted = Some(offset),
            Confirmation::Silent => {}
        }
        let reading = self.source.read();
        // Only for the report of a change.
        let _ = self.check(&mut state, reading);
    }

    /// The operator vouches for the clock as it stands (SIGHUP): what it was before is forgotten.
    /// References keep the last word where there are any.
    pub fn vouch(&self) {
        let mut state = self.lock();
        let reading = self.source.read();
        state.anchor = reading;
        let _ = self.check(&mut state, reading);
    }

    /// The offset that the references found last, in nanoseconds, and how long ago they confirmed
    /// the clock.
    #[must_use]
    pub fn offset(&self) -> Option<(i64, Duration)> {
        let state = self.lock();
        let (at, offset) = state.confirmed?;
        let age = self.source.read().monotonic.saturating_sub(at);
        Some((state.contradicted.unwrap_or(offset), age))
    }

    fn check(&self, state: &mut State, reading: Reading) -> Result<(), ClockFault> {
        let found = self.fault(state, reading);
        // The figures of a fault change with every reading; what it is does not.
        let kind = |fault: Option<ClockFault>| fault.map(|f| std::mem::discriminant(&f));
        if kind(found) != kind(state.fault) {
            state.fault = found;
            self.report(
                reading,
                match found {
                    Some(fault) => ClockEvent::Lost(fault),
                    None => ClockEvent::Regained {
                        offset: state.confirmed.map(|(_, offset)| offset),
                    },
                },
            );
        }
        found.map_or(Ok(()), Err)
    }

    fn fault(&self, state: &State, reading: Reading) -> Option<ClockFault> {
        if let Some(offset) = state.contradicted {
            return Some(ClockFault::Drifted {
                offset_ms: offset / 1_000_000,
            });
        }
        if state.leap && leap_is_under_way(reading.utc) {
            return Some(ClockFault::LeapSecond);
        }
        let passed = i128::from(reading.utc.since(state.anchor.utc));
        let real = reading.monotonic.as_nanos() as i128 - state.anchor.monotonic.as_nanos() as i128;
        let jump = passed - real;
        if jump.unsigned_abs() > self.tolerance.as_nanos() {
            return Some(ClockFault::Jumped {
                by_ms: i64::try_from(jump / 1_000_000).unwrap_or(i64::MAX),
            });
        }
        if let Requirement::Within(limit) = self.requirement {
            let fresh = state
                .confirmed
                .is_some_and(|(at, _)| reading.monotonic.saturating_sub(at) <= limit);
            if !fresh {
                return Some(ClockFault::Unconfirmed);
            }
        }
        // Times of their own may lie ahead of the clock.
        let ahead = match self.handing {
            Handing::Shared => Duration::ZERO,
            Handing::Distinct { ahead, .. } => ahead,
        };
        let behind = state.last.since(reading.utc.plus(ahead));
        (behind > 0).then(|| ClockFault::Behind {
            by: Duration::from_nanos(behind.unsigned_abs()),
        })
    }

    fn report(&self, reading: Reading, event: ClockEvent) {
        if let Some(observer) = self.observer.get() {
            observer(reading, event);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is whole after every statement that changes it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard")
            .field("tolerance", &self.tolerance)
            .field("requirement", &self.requirement)
            .finish_non_exhaustive()
    }
}

/// From two seconds before the end of a month in UTC, where leap seconds are, until one second after
/// (RFC 5905 section 7.3). How an operating system shows 23:59:60 is its own affair; no time-stamp
/// depends on it.
fn leap_is_under_way(utc: UtcInstant) -> bool {
    let now = utc.unix_time();
    let (before, after) = (now + Duration::from_secs(2), now - Duration::from_secs(1));
    let month = |time: UnixTime| time.to_offset().month();
    month(before) != month(after)
}
