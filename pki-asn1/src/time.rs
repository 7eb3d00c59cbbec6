//! Time as a parameter: a whole-second UTC instant and the clocks that produce it.
//!
//! X.509, OCSP and CMS all count in whole seconds of UTC (RFC 5280 section 4.1.2.5 forbids
//! fractions), so one integer type serves them all. Time-stamps with fractions keep their own type
//! in [`crate::tsp`].

use core::fmt;
use core::ops::{Add, Sub};
use core::str::FromStr;
use core::time::Duration;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;
use der::DateTime;
use der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::time::Time;

/// The months in English, for pages that people read.
pub const MONTHS_ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The months in French.
pub const MONTHS_FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A UTC instant in whole seconds since 1970-01-01T00:00:00Z, between the years 1970 and 9999.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixTime(i64);

/// The text was not an RFC 3339 instant between 1970 and 9999.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an RFC 3339 time between 1970 and 9999, such as 2026-11-21T12:00:00Z")]
pub struct InvalidTime;

impl UnixTime {
    /// 1970-01-01T00:00:00Z, the revocation time RFC 6960 section 2.2 gives non-issued serials.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-31T23:59:59Z: "no well-defined expiration" (RFC 5280 section 4.1.2.5).
    pub const MAX: Self = Self(253_402_300_799);

    /// The instant `seconds` after the epoch, clamped into the supported range.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        if seconds < 0 {
            Self::EPOCH
        } else if seconds > Self::MAX.0 {
            Self::MAX
        } else {
            Self(seconds)
        }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// `self` plus `days` of 86,400 seconds, clamped.
    #[must_use]
    pub const fn plus_days(self, days: u32) -> Self {
        Self::from_secs(self.0 + days as i64 * 86_400)
    }

    /// Seconds from `earlier` to `self`; negative where `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The same instant in the `time` crate's type.
    #[must_use]
    pub fn to_offset(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The same instant as a DER date.
    #[must_use]
    pub fn to_date_time(self) -> DateTime {
        // The range of `Self` lies within the range of `DateTime`.
        DateTime::from_unix_duration(Duration::from_secs(self.0.unsigned_abs()))
            .unwrap_or(DateTime::INFINITY)
    }

    /// As `GeneralizedTime` (YYYYMMDDHHMMSSZ, no fraction).
    #[must_use]
    pub fn to_generalized(self) -> GeneralizedTime {
        GeneralizedTime::from_date_time(self.to_date_time())
    }

    /// As X.509 `Time`: `UTCTime` through 2049, `GeneralizedTime` after (RFC 5280 section 4.1.2.5).
    #[must_use]
    pub fn to_x509(self) -> Time {
        match UtcTime::from_date_time(self.to_date_time()) {
            Ok(utc) => Time::UtcTime(utc),
            Err(_) => Time::GeneralTime(self.to_generalized()),
        }
    }
}

impl From<DateTime> for UnixTime {
    fn from(value: DateTime) -> Self {
        Self::from_secs(i64::try_from(value.unix_duration().as_secs()).unwrap_or(i64::MAX))
    }
}

impl From<GeneralizedTime> for UnixTime {
    fn from(value: GeneralizedTime) -> Self {
        value.to_date_time().into()
    }
}

impl From<Time> for UnixTime {
    fn from(value: Time) -> Self {
        value.to_date_time().into()
    }
}

impl From<SystemTime> for UnixTime {
    fn from(value: SystemTime) -> Self {
        match value.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self::from_secs(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)),
            Err(_) => Self::EPOCH,
        }
    }
}

impl Add<Duration> for UnixTime {
    type Output = Self;
    fn add(self, rhs: Duration) -> Self {
        Self::from_secs(self.0.saturating_add_unsigned(rhs.as_secs()))
    }
}

impl Sub<Duration> for UnixTime {
    type Output = Self;
    fn sub(self, rhs: Duration) -> Self {
        Self::from_secs(self.0.saturating_sub_unsigned(rhs.as_secs()))
    }
}

/// RFC 3339 in UTC: `2026-11-21T12:00:00Z`.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.to_offset();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }
}

/// Reads RFC 3339 with any offset; a fraction of a second is dropped.
impl FromStr for UnixTime {
    type Err = InvalidTime;
    fn from_str(s: &str) -> Result<Self, InvalidTime> {
        let t = OffsetDateTime::parse(s, &Rfc3339).map_err(|_| InvalidTime)?;
        let seconds = t.unix_timestamp();
        if (0..=Self::MAX.0).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(InvalidTime)
        }
    }
}

/// Where "now" comes from. Everything that needs the time takes a `Clock`, so tests travel in time
/// instead of sleeping.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> UnixTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        SystemTime::now().into()
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `now`.
    #[must_use]
    pub fn new(now: UnixTime) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves the clock to `now`, forwards or backwards.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves the clock forwards.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> UnixTime {
        (**self).now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_is_read_with_any_offset_and_written_in_utc() {
        let t: UnixTime = "2026-11-21T13:00:00+01:00".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-21T12:00:00Z");
        assert!("yesterday".parse::<UnixTime>().is_err());
    }

    #[test]
    fn years_from_2050_are_generalized_time() {
        let t: UnixTime = "2049-12-31T23:59:59Z".parse().unwrap();
        assert!(matches!(t.to_x509(), Time::UtcTime(_)));
        let t = t + Duration::from_secs(1);
        assert!(matches!(t.to_x509(), Time::GeneralTime(_)));
        assert_eq!(UnixTime::from(t.to_x509()), t);
    }
}
