//! Range requests (RFC 9110 section 14): one range of octets, as a download that was broken off asks
//! for. A request for several is answered whole, which section 14.2 allows.

use hyper::HeaderMap;
use hyper::header::{IF_RANGE, RANGE};

use crate::conditional::only;

/// What a Range field asks of a representation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// All of it: there is no Range, or none that counts.
    Whole,
    /// These octets, at least one, to be sent with 206.
    Octets(std::ops::Range<usize>),
    /// Octets that it does not have, to be answered 416.
    Unsatisfiable,
}

impl Part {
    /// What a `GET` with these fields asks of a representation of `length` octets with the strong
    /// entity tag `etag`, with its quotes. If-Range holds only where it is that very tag (section
    /// 13.1.5): two representations may be of one second, so a date proves nothing.
    #[must_use]
    pub fn of(headers: &HeaderMap, etag: &str, length: usize) -> Self {
        let Some(range) = only(headers, &RANGE) else {
            return Self::Whole;
        };
        if headers.contains_key(IF_RANGE)
            && only(headers, &IF_RANGE).is_none_or(|tag| tag.as_bytes() != etag.as_bytes())
        {
            return Self::Whole;
        }
        range
            .to_str()
            .map_or(Self::Whole, |text| Self::parse(text, length))
    }

    /// What the value of a Range field asks of `length` octets. What is not understood, be it another
    /// unit or nonsense, is as if it were absent.
    #[must_use]
    pub fn parse(text: &str, length: usize) -> Self {
        Self::understood(text, length).unwrap_or(Self::Whole)
    }

    fn understood(text: &str, length: usize) -> Option<Self> {
        let (unit, set) = text.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        // A list may have empty elements (section 5.6.1).
        let mut set = set.split(',').map(str::trim).filter(|s| !s.is_empty());
        let (Some(range), None) = (set.next(), set.next()) else {
            return None;
        };
        let (first, last) = range.split_once('-')?;
        if first.is_empty() {
            return Some(match number(last)? {
                0 => Self::Unsatisfiable,
                // There is no way to say "the last octets of nothing" with 206.
                _ if length == 0 => Self::Whole,
                suffix => Self::Octets(length.saturating_sub(suffix)..length),
            });
        }
        let first = number(first)?;
        let last = match last {
            "" => usize::MAX,
            last => number(last)?,
        };
        if last < first {
            return None;
        }
        if first >= length {
            return Some(Self::Unsatisfiable);
        }
        Some(Self::Octets(first..last.saturating_add(1).min(length)))
    }
}

/// Digits alone; more of them than fit mean more octets than there are.
fn number(digits: &str) -> Option<usize> {
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    // RFC 9110 section 14.1.2's examples, of a representation of 10000 octets, and what surrounds them.
    #[test]
    fn the_examples_of_the_rfc_are_read_as_it_says() {
        for (text, expected) in [
            ("bytes=0-499", Part::Octets(0..500)),
            ("bytes=500-999", Part::Octets(500..1000)),
            ("bytes=-500", Part::Octets(9500..10_000)),
            ("bytes=9500-", Part::Octets(9500..10_000)),
            ("BYTES= ,0-0, ", Part::Octets(0..1)),
            ("bytes=-20000", Part::Octets(0..10_000)),
            (
                "bytes=9999-99999999999999999999999",
                Part::Octets(9999..10_000),
            ),
            ("bytes=10000-", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            // Several, overlapping or not; another unit; nonsense.
            ("bytes=0-0,-1", Part::Whole),
            ("bytes= 0-0, 4500-5499, -1000", Part::Whole),
            ("exampleunit=1.2-4.3", Part::Whole),
            ("bytes=5-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=1-2-3", Part::Whole),
            ("bytes=", Part::Whole),
            ("bytes", Part::Whole),
        ] {
            assert_eq!(Part::parse(text, 10_000), expected, "{text}");
        }
        assert_eq!(Part::parse("bytes=-5", 0), Part::Whole);
        assert_eq!(Part::parse("bytes=0-", 0), Part::Unsatisfiable);
    }

    #[test]
    fn parts_of_two_versions_are_never_put_together() {
        let part = |fields: &[(HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(name, HeaderValue::from_static(value));
            }
            Part::of(&headers, "\"aa\"", 10)
        };
        let some = Part::Octets(1..3);
        assert_eq!(part(&[(RANGE, "bytes=1-2")]), some);
        assert_eq!(part(&[(RANGE, "bytes=1-2"), (IF_RANGE, "\"aa\"")]), some);
        for other in ["\"bb\"", "W/\"aa\"", "Sun, 06 Nov 1994 08:49:37 GMT", "*"] {
            let whole = part(&[(RANGE, "bytes=1-2"), (IF_RANGE, other)]);
            assert_eq!(whole, Part::Whole, "{other}");
        }
        let twice = part(&[(RANGE, "bytes=1-2"), (RANGE, "bytes=1-2")]);
        assert_eq!(twice, Part::Whole);
        let condition = (IF_RANGE, "\"aa\"");
        let twice = part(&[(RANGE, "bytes=1-2"), condition.clone(), condition]);
        assert_eq!(twice, Part::Whole);
    }

    proptest! {
        #[test]
        fn a_part_lies_within_what_is_there(text in "(bytes=)?[-0-9, ]{0,40}", length in 0_usize..2000) {
            if let Part::Octets(octets) = Part::parse(&text, length) {
                prop_assert!(octets.start < octets.end && octets.end <= length);
            }
        }

        #[test]
        fn two_positions_mean_what_lies_between_them(a in 0_usize..3000, b in 0_usize..3000, length in 1_usize..2000) {
            let expected: Vec<usize> = (0..length).filter(|at| (a..=b).contains(at)).collect();
            let expected = match (expected.first(), expected.last()) {
                (Some(first), Some(last)) => Part::Octets(*first..last + 1),
                _ if b < a => Part::Whole,
                _ => Part::Unsatisfiable,
            };
            prop_assert_eq!(Part::parse(&format!("bytes={a}-{b}"), length), expected);
        }
    }
}
