//! Until when algorithms are good enough for signatures: the one dated table (TS 119 312 V2.1.1,
//! 2026-06).
//!
//! Issuing, linting, signing and validating all ask here. Clause 8.4: RSA keys of 1900 to 2999 bits
//! get no new certificate after 2026-12-31, and those issued by then end by 2028-12-31. What older
//! editions of the document had ended stands with the end they gave it.

use core::fmt;

use pki_asn1::UnixTime;
use pki_asn1::oid::{self, ObjectIdentifier};

use crate::algorithm::SignatureAlgorithm;
use crate::digest::DigestAlgorithm;
use crate::key_kind::{ForeignKey, KeyKind};

/// Where the ends of keys are written.
pub const CLAUSE: &str = "TS 119 312 V2.1.1 clause 8.4";

/// The smallest RSA modulus that is not ended, in bits.
pub const SMALLEST_RSA: u32 = 1_900;
/// From here on, no end is set for RSA, in bits.
pub const UNDATED_RSA: u32 = 3_000;
/// The last day on which a shorter RSA key gets a certificate.
pub const SHORT_RSA_LAST_ISSUANCE: Day = Day::new(2026, 12, 31);
/// The last day on which a shorter RSA key is used.
pub const SHORT_RSA_LAST_USE: Day = Day::new(2028, 12, 31);

/// A day of the calendar, in UTC.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Day {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
}

impl Day {
    /// A day; whether the calendar has it is for the caller to know.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// The first second of the day after it: what ended with this day is not good any more from here.
    #[must_use]
    pub fn after(self) -> UnixTime {
        // Days from civil, for years of the Gregorian calendar that have begun in March.
        let (y, m) = match i64::from(self.month) {
            m @ 1..=2 => (i64::from(self.year) - 1, m + 9),
            m => (i64::from(self.year), m - 3),
        };
        let day_of_year = (153 * m + 2) / 5 + i64::from(self.day) - 1;
        let days = 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719_468;
        UnixTime::from_secs((days + 1) * 86_400)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The last day of a digest for signatures; `None` where none is set.
#[must_use]
pub fn digest_last_use(digest: DigestAlgorithm) -> Option<Day> {
    match digest {
        // Collisions were shown in August 2004.
        DigestAlgorithm::Md5 => Some(Day::new(2004, 12, 31)),
        DigestAlgorithm::Sha1 => Some(Day::new(2011, 12, 31)),
        DigestAlgorithm::Sha224 | DigestAlgorithm::Sha512_224 | DigestAlgorithm::Sha3_224 => {
            Some(Day::new(2025, 12, 31))
        }
        _ => None,
    }
}

/// The last day on which a key gets a new certificate; `None` where none is set.
#[must_use]
pub fn key_last_issuance(key: KeyKind) -> Option<Day> {
    match key {
        KeyKind::Rsa { bits } if (SMALLEST_RSA..UNDATED_RSA).contains(&bits) => {
            Some(SHORT_RSA_LAST_ISSUANCE)
        }
        _ => key_last_use(key),
    }
}

/// The last day of a key for signatures; `None` where none is set.
#[must_use]
pub fn key_last_use(key: KeyKind) -> Option<Day> {
    match key {
        KeyKind::Rsa { bits } if bits < 1024 => Some(Day::new(1999, 12, 31)),
        KeyKind::Rsa { bits } if bits < SMALLEST_RSA => Some(Day::new(2010, 12, 31)),
        KeyKind::Rsa { bits } if bits < UNDATED_RSA => Some(SHORT_RSA_LAST_USE),
        KeyKind::Foreign(foreign) => match foreign {
            // As RSA of the same length; the others by FIPS 186-5, which has no DSA any more.
            ForeignKey::Dsa { bits } if bits < SMALLEST_RSA => Some(Day::new(2010, 12, 31)),
            ForeignKey::Dsa { .. } => Some(Day::new(2024, 2, 3)),
            // NIST SP 800-131A.
            ForeignKey::Ec(curve) if curve.field_len() <= 24 => Some(Day::new(2013, 12, 31)),
            // The German catalogue of algorithms, the last one that had such curves.
            ForeignKey::Ec(curve) if curve.field_len() < 32 => Some(Day::new(2015, 12, 31)),
            ForeignKey::Ec(_) | ForeignKey::Ed448 => None,
        },
        _ => None,
    }
}

/// What is said of making a signature now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// No end is set.
    Good,
    /// It ends on a day that is known.
    Ends(End),
    /// It has ended: nothing is signed with it any more.
    Ended(End),
}

/// What ends, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct End {
    /// The key's kind or the digest.
    pub what: String,
    /// The last day of its use.
    pub last_use: Day,
}

/// Whether a key of this kind may sign with `algorithm` at this time.
#[must_use]
pub fn standing(key: KeyKind, algorithm: SignatureAlgorithm, at: UnixTime) -> Standing {
    let digest = algorithm.digest();
    let ends = [
        key_last_use(key).map(|last_use| (format!("{key} keys"), last_use)),
        digest.and_then(|d| digest_last_use(d).map(|last_use| (d.to_string(), last_use))),
    ];
    let first = ends.into_iter().flatten().min_by_key(|(_, day)| *day);
    match first {
        None => Standing::Good,
        Some((what, last_use)) if at < last_use.after() => Standing::Ends(End { what, last_use }),
        Some((what, last_use)) => Standing::Ended(End { what, last_use }),
    }
}

/// A kind of key that nothing here signs with any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{name} keys are too weak: {reason}")]
pub struct Retired {
    /// What people call it.
    pub name: &'static str,
    /// Since when, and who says so.
    pub reason: &'static str,
}

impl Retired {
    /// RSA that no key file is signed with.
    pub const SHORT_RSA: Self = Self {
        name: "RSA-1024 and other short RSA",
        reason: "they ended on 2010-12-31 (TS 119 312)",
    };

    /// What is said of the algorithm or curve with this OID.
    #[must_use]
    pub fn of(oid: &ObjectIdentifier) -> Option<Self> {
        let (name, reason) = match *oid {
            oid::DSA => ("DSA", "they ended on 2024-02-03 (FIPS 186-5)"),
            oid::SECP192R1 => ("EC P-192", "they ended on 2013-12-31 (NIST SP 800-131A)"),
            oid::SECP224R1 => (
                "EC P-224",
                "TS 119 312 V2.1.1 lists no curve below 256 bits",
            ),
            _ => return None,
        };
        Some(Self { name, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_ends_with_its_last_second() {
        for (day, after) in [
            (Day::new(2026, 12, 31), "2027-01-01T00:00:00Z"),
            (Day::new(2028, 2, 28), "2028-02-29T00:00:00Z"),
            (Day::new(2028, 2, 29), "2028-03-01T00:00:00Z"),
            (Day::new(1999, 12, 31), "2000-01-01T00:00:00Z"),
            (Day::new(2100, 2, 28), "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(day.after(), at(after), "{day}");
        }
    }

    #[test]
    fn a_short_rsa_key_signs_until_its_last_second_and_not_after() {
        let key = KeyKind::Rsa { bits: 2048 };
        let signs = |key, time| {
            standing(
                key,
                SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
                at(time),
            )
        };
        let end = End {
            what: "RSA-2048 keys".into(),
            last_use: SHORT_RSA_LAST_USE,
        };
        assert_eq!(
            signs(key, "2028-12-31T23:59:59Z"),
            Standing::Ends(end.clone())
        );
        assert_eq!(signs(key, "2029-01-01T00:00:00Z"), Standing::Ended(end));
        let long = KeyKind::Rsa { bits: 3072 };
        assert_eq!(signs(long, "2050-01-01T00:00:00Z"), Standing::Good);
    }

    #[test]
    fn the_digest_ends_what_the_key_would_not() {
        let sha1 = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha1);
        let Standing::Ended(end) = standing(KeyKind::EcP256, sha1, at("2026-11-22T00:00:00Z"))
        else {
            panic!("SHA-1 signs");
        };
        assert_eq!((end.what.as_str(), end.last_use.year), ("SHA-1", 2011));
    }
}
