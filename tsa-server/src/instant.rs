//! A UTC instant with nanoseconds, and how it stands in genTime (RFC 3161 section 2.4.2).

use std::fmt;
use std::time::{Duration, SystemTime};

use pki_asn1::UnixTime;

const NANOS: u64 = 1_000_000_000;

/// Nanoseconds of UTC since 1970-01-01T00:00:00Z, without leap seconds, until the year 2554.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct UtcInstant(u64);

impl UtcInstant {
    /// So many nanoseconds after the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The whole second it lies in.
    #[must_use]
    pub fn unix_time(self) -> UnixTime {
        UnixTime::from_secs(i64::try_from(self.0 / NANOS).unwrap_or(i64::MAX))
    }

    /// Reads what [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.strip_suffix('Z')?.split_once('.')?;
        if fraction.len() != 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let whole: UnixTime = format!("{whole}Z").parse().ok()?;
        Some(Self(Self::from(whole).0 + fraction.parse::<u64>().ok()?))
    }

    /// `self - earlier` in nanoseconds, negative where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        let difference = i128::from(self.0) - i128::from(earlier.0);
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }

    /// `self + by`.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(nanos(by)))
    }

    /// Without the digits that genTime does not carry.
    #[must_use]
    pub fn truncated(self, digits: GenTimeDigits) -> Self {
        Self(self.0 - self.0 % digits.step().as_nanos() as u64)
    }

    /// The characters of the GeneralizedTime: UTC, seconds, a fraction of at most so many digits
    /// without trailing zeros, and no point without a fraction (X.690 clause 11.7).
    #[must_use]
    pub fn generalized(self, digits: GenTimeDigits) -> String {
        let whole = self.unix_time().to_date_time();
        let mut text = format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}",
            whole.year(),
            whole.month(),
            whole.day(),
            whole.hour(),
            whole.minutes(),
            whole.seconds()
        );
        let fraction = self.truncated(digits).0 % NANOS;
        if fraction > 0 {
            let fraction = format!("{fraction:09}");
            text.push('.');
            text.push_str(fraction.trim_end_matches('0'));
        }
        text.push('Z');
        text
    }
}

impl From<UnixTime> for UtcInstant {
    fn from(time: UnixTime) -> Self {
        Self(time.as_secs().unsigned_abs().saturating_mul(NANOS))
    }
}

impl From<SystemTime> for UtcInstant {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        Self(nanos(since.unwrap_or_default()))
    }
}

/// RFC 3339 in UTC with all nine digits.
impl fmt::Display for UtcInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.unix_time().to_string();
        let whole = whole.trim_end_matches('Z');
        write!(f, "{whole}.{:09}Z", self.0 % NANOS)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How many digits of a second genTime carries, 0 to 6.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GenTimeDigits(u8);

impl GenTimeDigits {
    /// Milliseconds.
    pub const MILLIS: Self = Self(3);

    /// So many digits; none beyond microseconds, which is as far as `Accuracy` goes.
    #[must_use]
    pub fn new(digits: u8) -> Option<Self> {
        (digits <= 6).then_some(Self(digits))
    }

    /// The number of digits.
    #[must_use]
    pub fn count(self) -> u8 {
        self.0
    }

    /// What one unit of the last digit stands for: genTime is at most so much before the time it
    /// was read from.
    #[must_use]
    pub fn step(self) -> Duration {
        Duration::from_nanos(10u64.pow(9 - u32::from(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> UtcInstant {
        UtcInstant::from_nanos(1_790_000_000 * NANOS + nanos)
    }

    #[test]
    fn a_fraction_has_no_trailing_zero_and_no_lonely_point() {
        for (nanos, digits, expected) in [
            (0, 3, "20260921141320Z"),
            (999_999_999, 0, "20260921141320Z"),
            (120_000_000, 3, "20260921141320.12Z"),
            (999_999, 3, "20260921141320Z"),
            (1_999_999, 3, "20260921141320.001Z"),
            (100_000_000, 6, "20260921141320.1Z"),
            (123_456_789, 6, "20260921141320.123456Z"),
        ] {
            let digits = GenTimeDigits::new(digits).unwrap();
            assert_eq!(at(nanos).generalized(digits), expected);
        }
        assert_eq!(GenTimeDigits::new(7), None);
    }

    #[test]
    fn nanoseconds_are_written_in_full() {
        assert_eq!(at(5).to_string(), "2026-09-21T14:13:20.000000005Z");
        assert_eq!(UtcInstant::parse(&at(5).to_string()), Some(at(5)));
        assert_eq!(UtcInstant::from(at(5).unix_time()), at(0));
        assert_eq!(at(0).since(at(5)), -5);
    }
}
