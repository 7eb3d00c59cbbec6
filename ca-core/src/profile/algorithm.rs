//! Until when a key algorithm may be certified, for profiles to choose from.
//!
//! A row says until which day new certificates may be issued for such keys, and by which day the
//! last of them ends; the days themselves are those of [`pki_crypto::suites`]. A profile may end an
//! algorithm earlier.

use core::fmt;
use core::str::FromStr;

use pki_asn1::UnixTime;
use pki_crypto::KeyKind;
use pki_crypto::suites::{self, Day};
use serde::{Deserialize, Serialize};

use super::KeyAlgorithm;

/// Where the ends are written.
pub use pki_crypto::suites::CLAUSE;
/// The smallest RSA modulus that has a row; from the second on, no end date is set.
pub(super) use pki_crypto::suites::{SMALLEST_RSA, UNDATED_RSA};
/// Larger ones are not verified by common software.
pub(super) const LARGEST_RSA: u32 = 8_192;

/// A row of the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Algorithm {
    /// What people call it.
    pub label: &'static str,
    /// What a profile calls it.
    pub algorithm: KeyAlgorithm,
    /// The sizes it covers in bits, both ends included.
    pub bits: (u32, u32),
    /// The last day of new certificates; `None` where none is set.
    pub last_issuance: Option<Date>,
    /// The last day any certificate is valid; `None` where none is set.
    pub last_validity: Option<Date>,
}

/// The table.
pub const ALGORITHMS: [Algorithm; 6] = [
    row("ECDSA P-256", KeyAlgorithm::P256, (256, 256)),
    row("ECDSA P-384", KeyAlgorithm::P384, (384, 384)),
    row("ECDSA P-521", KeyAlgorithm::P521, (521, 521)),
    row("Ed25519", KeyAlgorithm::Ed25519, (256, 256)),
    row("RSA", KeyAlgorithm::Rsa, (UNDATED_RSA, LARGEST_RSA)),
    Algorithm {
        last_issuance: Some(Date::of(suites::SHORT_RSA_LAST_ISSUANCE)),
        last_validity: Some(Date::of(suites::SHORT_RSA_LAST_USE)),
        ..row("RSA", KeyAlgorithm::Rsa, (SMALLEST_RSA, UNDATED_RSA - 1))
    },
];

const fn row(label: &'static str, algorithm: KeyAlgorithm, bits: (u32, u32)) -> Algorithm {
    Algorithm {
        label,
        algorithm,
        bits,
        last_issuance: None,
        last_validity: None,
    }
}

impl Algorithm {
    /// The row of a key; `None` where the table has none.
    #[must_use]
    pub fn of(key: KeyKind) -> Option<&'static Self> {
        let (algorithm, bits) = match key {
            KeyKind::Rsa { bits } => (KeyAlgorithm::Rsa, bits),
            KeyKind::EcP256 => (KeyAlgorithm::P256, 256),
            KeyKind::EcP384 => (KeyAlgorithm::P384, 384),
            KeyKind::EcP521 => (KeyAlgorithm::P521, 521),
            KeyKind::Ed25519 => (KeyAlgorithm::Ed25519, 256),
            KeyKind::BrainpoolP256
            | KeyKind::BrainpoolP384
            | KeyKind::MlDsa(_)
            | KeyKind::Foreign(_) => return None,
        };
        ALGORITHMS
            .iter()
            .find(|row| row.algorithm == algorithm && (row.bits.0..=row.bits.1).contains(&bits))
    }
}

/// A day of the calendar, in UTC, between 1970 and 9999; written `2026-12-31`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Not a day.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is not a day such as \"2026-12-31\"")]
pub struct InvalidDate(String);

impl Date {
    const fn of(Day { year, month, day }: Day) -> Self {
        Self { year, month, day }
    }

    /// Its last second.
    #[must_use]
    pub fn end(self) -> UnixTime {
        format!("{self}T23:59:59Z").parse().unwrap_or(UnixTime::MAX)
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(s: &str) -> Result<Self, InvalidDate> {
        let bad = || InvalidDate(s.chars().take(40).collect());
        // The calendar itself, leap years included, is the time parser's.
        let known = s.len() == 10 && format!("{s}T23:59:59Z").parse::<UnixTime>().is_ok();
        let number = |range| s.get(range).filter(|_| known).map(str::parse::<u16>);
        match (number(0..4), number(5..7), number(8..10)) {
            (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => Ok(Self {
                year,
                month: u8::try_from(month).map_err(|_| bad())?,
                day: u8::try_from(day).map_err(|_| bad())?,
            }),
            _ => Err(bad()),
        }
    }
}

impl TryFrom<String> for Date {
    type Error = InvalidDate;

    fn try_from(s: String) -> Result<Self, InvalidDate> {
        s.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for day in ["2026-12-31", "2028-02-29", "1970-01-01", "9999-12-31"] {
            assert_eq!(day.parse::<Date>().unwrap().to_string(), day);
        }
        for none in [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "26-12-31",
            "2026-12-3é",
            "31/12/2026",
        ] {
            assert!(none.parse::<Date>().is_err(), "{none}");
        }
    }

    #[test]
    fn the_end_of_a_row_is_the_last_second_of_its_day() {
        let legacy = Algorithm::of(KeyKind::Rsa { bits: 2_048 }).unwrap();
        let end = legacy.last_issuance.unwrap().end();
        assert_eq!(end.to_string(), "2026-12-31T23:59:59Z");
        assert_eq!(
            Algorithm::of(KeyKind::Rsa { bits: 3_000 })
                .unwrap()
                .last_issuance,
            None
        );
        assert_eq!(Algorithm::of(KeyKind::Rsa { bits: 1_899 }), None);
        assert_eq!(Algorithm::of(KeyKind::Rsa { bits: 8_193 }), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_day_or_refused(s in "\\PC{0,12}") {
            if let Ok(date) = s.parse::<Date>() {
                prop_assert_eq!(date.to_string(), s);
            }
        }
    }
}
