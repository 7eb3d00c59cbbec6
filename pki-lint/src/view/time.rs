//! `Time` (RFC 5280 section 4.1.2.5) as it was written.

use pki_asn1::UnixTime;

use crate::der::{GENERALIZED_TIME, Tlv, UTC_TIME};

/// An instant, and how it was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Instant<'a> {
    /// UTCTime, GeneralizedTime or anything else.
    pub(crate) tag: u8,
    /// The contents.
    pub(crate) written: &'a [u8],
    /// Seconds since 1970, where the contents name an instant in any form of X.690.
    pub(crate) at: Option<i64>,
}

impl<'a> Instant<'a> {
    pub(crate) fn new(tlv: Tlv<'a>) -> Self {
        Self {
            tag: tlv.tag,
            written: tlv.value,
            at: match tlv.tag {
                UTC_TIME => parse_time(tlv.value, 2),
                GENERALIZED_TIME => parse_time(tlv.value, 4),
                _ => None,
            },
        }
    }

    /// Whether it is `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
    pub(crate) fn is_der(&self) -> bool {
        let digits = match self.tag {
            UTC_TIME => 12,
            GENERALIZED_TIME => 14,
            _ => return false,
        };
        self.written.len() == digits + 1
            && self.written[..digits].iter().all(u8::is_ascii_digit)
            && self.written[digits] == b'Z'
    }

    /// Whether it ends in Z, as opposed to an offset or nothing.
    pub(crate) fn is_zulu(&self) -> bool {
        self.written.last() == Some(&b'Z')
    }

    /// Whether the seconds are written.
    pub(crate) fn has_seconds(&self) -> bool {
        let digits = self.written.iter().take_while(|b| b.is_ascii_digit());
        digits.count() >= if self.tag == UTC_TIME { 12 } else { 14 }
    }

    /// Whether it is UTCTime through 2049 and GeneralizedTime after; true where it cannot be read.
    pub(crate) fn has_the_type_of_its_year(&self) -> bool {
        // 2050-01-01T00:00:00Z
        self.at
            .is_none_or(|at| (self.tag == UTC_TIME) == (at < 2_524_608_000))
    }

    /// Whether it is 99991231235959Z, which means "no end" (RFC 5280 section 4.1.2.5).
    pub(crate) fn is_endless(&self) -> bool {
        self.tag == GENERALIZED_TIME && self.written == b"99991231235959Z"
    }
}

/// Seconds since 1970 of a UTCTime (`year` 2 digits) or GeneralizedTime (4 digits) in any form that
/// X.690 and X.680 know, except fractions of hours and minutes.
pub(crate) fn parse_time(written: &[u8], year: usize) -> Option<i64> {
    let mut digits = [0_i64; 14];
    let count = written.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = &written[count..];
    if count > year + 10 || count < year + 8 || !count.is_multiple_of(2) {
        return None;
    }
    for (slot, b) in digits.iter_mut().zip(&written[..count]) {
        *slot = i64::from(b - b'0');
    }
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let y = if year == 2 {
        // RFC 5280 section 4.1.2.5.1: 50 and above are the last century.
        two(0) + if two(0) >= 50 { 1900 } else { 2000 }
    } else {
        two(0) * 100 + two(2)
    };
    let (month, day, hour, minute) = (two(year), two(year + 2), two(year + 4), two(year + 6));
    let second = if count == year + 10 { two(year + 8) } else { 0 };
    let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let in_month = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=in_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = days_from_civil(y, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let rest = match rest {
        [b'.' | b',', fraction @ ..] => {
            let n = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            &fraction[n..]
        }
        _ => rest,
    };
    let offset = match rest {
        [] | [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            let digit = |b: &u8| b.is_ascii_digit().then(|| i64::from(b - b'0'));
            let minutes = (digit(h1)? * 10 + digit(h2)?) * 60 + digit(m1)? * 10 + digit(m2)?;
            if *sign == b'+' { -minutes } else { minutes }
        }
        _ => return None,
    };
    Some(local + offset * 60)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The first second (UTC) of a day written `YYYY-MM-DD`; the end of time where it is not.
pub(crate) fn start_of(day: &str) -> i64 {
    let mut parts = day.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let mut next = || parts.next().flatten();
    match (next(), next(), next()) {
        (Some(y), Some(m), Some(d)) => days_from_civil(y, m, d) * 86_400,
        _ => UnixTime::MAX.as_secs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_the_same_instant() {
        // RFC 3339's own example, 1996-12-19T16:39:57-08:00.
        let at = Some(851_042_397);
        for written in ["961220003957Z", "961219163957-0800"] {
            assert_eq!(parse_time(written.as_bytes(), 2), at, "{written}");
        }
        for written in ["19961220003957Z", "19961220003957.5Z", "19961220003957"] {
            assert_eq!(parse_time(written.as_bytes(), 4), at, "{written}");
        }
        assert_eq!(parse_time(b"9612200039Z", 2), Some(851_042_340));
        for written in [
            "",
            "Z",
            "991331000000Z",
            "990230000000Z",
            "990101240000Z",
            "99010100000Z",
        ] {
            assert_eq!(parse_time(written.as_bytes(), 2), None, "{written}");
        }
        let last: UnixTime = "9999-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(parse_time(b"99991231235959Z", 4), Some(last.as_secs()));
        let first: UnixTime = "2026-02-01T00:00:00Z".parse().unwrap();
        assert_eq!(start_of("2026-02-01"), first.as_secs());
    }
}
