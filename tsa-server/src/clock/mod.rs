//! The time that tokens name, and when it may not be trusted (EN 319 421 clause 7.7).
//!
//! A [`TimeSource`] gives the clock of the machine beside one that is never set. The [`Guard`] holds
//! the one against the other and refuses where they part; [`mod@reference`] holds both against NTP
//! servers ([`ntp`]).

mod guard;
pub mod ntp;
pub mod reference;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

pub use self::guard::{ClockEvent, ClockFault, Confirmation, Guard, Handing, Requirement, Slot};
use crate::instant::UtcInstant;

/// Both clocks, read at one time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reading {
    /// The clock that can be set.
    pub utc: UtcInstant,
    /// The clock that cannot; its beginning means nothing.
    pub monotonic: Duration,
}

/// Where the time comes from. A parameter, so tests step and stop clocks instead of waiting.
pub trait TimeSource: Send + Sync {
    /// Reads both clocks.
    fn read(&self) -> Reading;
}

/// The clocks of the operating system.
#[derive(Debug)]
pub struct SystemTimeSource(Instant);

impl SystemTimeSource {
    /// Whose monotonic clock begins now.
    #[must_use]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemTimeSource {
    fn default() -> Self {
        Self::new()
    }
}

impl TimeSource for SystemTimeSource {
    fn read(&self) -> Reading {
        Reading {
            monotonic: self.0.elapsed(),
            utc: SystemTime::now().into(),
        }
    }
}

/// Clocks that stand still until they are told otherwise.
#[derive(Debug)]
pub struct ManualTimeSource(Mutex<Reading>);

impl ManualTimeSource {
    /// Standing at `utc`.
    #[must_use]
    pub fn new(utc: UtcInstant) -> Self {
        Self(Mutex::new(Reading {
            utc,
            monotonic: Duration::from_secs(1000),
        }))
    }

    /// Time passes: both clocks go forwards.
    pub fn advance(&self, by: Duration) {
        self.change(|reading| {
            reading.utc = reading.utc.plus(by);
            reading.monotonic += by;
        });
    }

    /// Somebody sets the clock; no time passes.
    pub fn set(&self, utc: UtcInstant) {
        self.change(|reading| reading.utc = utc);
    }

    fn change(&self, change: impl FnOnce(&mut Reading)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl TimeSource for ManualTimeSource {
    fn read(&self) -> Reading {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
