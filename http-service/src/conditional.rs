//! Conditional requests (RFC 9110 section 13): whether the client's copy still serves.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use pki_asn1::UnixTime;

use crate::date::parse_http_date;

/// What identifies a representation.
#[derive(Clone, Copy, Debug)]
pub struct Validators<'a> {
    /// The strong entity tag, with its quotes.
    pub etag: &'a str,
    /// Last-Modified.
    pub last_modified: UnixTime,
}

impl Validators<'_> {
    /// Whether 304 is the answer to a `GET` or `HEAD` with these fields. If-None-Match, where
    /// present, decides alone (RFC 9110 section 13.2.2).
    #[must_use]
    pub fn not_modified(&self, headers: &HeaderMap) -> bool {
        // Most requests carry neither; looking costs two hashes, so ask the cheap question first.
        if headers.is_empty() {
            return false;
        }
        let mut tags = headers.get_all(IF_NONE_MATCH).iter().peekable();
        if tags.peek().is_some() {
            let mut members = tags
                .filter_map(|value| value.to_str().ok())
                .flat_map(|list| list.split(','))
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .peekable();
            // A star stands alone (section 13.1.2).
            if members.next_if_eq(&"*").is_some() {
                return members.next().is_none();
            }
            // The comparison is weak: W/ does not matter (section 8.8.3.2).
            return members.any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == self.etag);
        }
        // With more than one member it is to be ignored (section 13.1.3).
        only(headers, &IF_MODIFIED_SINCE)
            .and_then(|value| parse_http_date(value.to_str().ok()?))
            .is_some_and(|since| self.last_modified <= since)
    }
}

/// The value of a field that has one value: `None` where it is sent twice, for nobody can tell which one
/// was meant (section 5.3).
#[must_use]
pub fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_is_sent_twice_is_as_if_it_were_not_sent() {
        let v = Validators {
            etag: "\"aa\"",
            last_modified: UnixTime::from_secs(1_000_000),
        };
        let late = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        let early = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT");
        for (first, second) in [(&late, &late), (&late, &early), (&early, &late)] {
            let mut headers = HeaderMap::new();
            headers.append(IF_MODIFIED_SINCE, first.clone());
            assert_eq!(v.not_modified(&headers), *first == late);
            headers.append(IF_MODIFIED_SINCE, second.clone());
            assert!(!v.not_modified(&headers), "{first:?}, {second:?}");
        }
        // Two dates in one line are no date.
        let both = "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT";
        let mut headers = HeaderMap::new();
        headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static(both));
        assert!(!v.not_modified(&headers));
    }

    #[test]
    fn tags_are_one_list_over_all_lines() {
        let v = Validators {
            etag: "\"aa\"",
            last_modified: UnixTime::from_secs(1_000_000),
        };
        let answer = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IF_NONE_MATCH, HeaderValue::from_static(line));
            }
            v.not_modified(&headers)
        };
        assert!(answer(&["\"bb\"", "\"cc\", \"aa\""]));
        assert!(answer(&["*"]));
        assert!(answer(&[", ,\"aa\","]));
        assert!(!answer(&["\"bb\"", "\"cc\""]));
        // Without quotes, with a part of it, or with the star among tags: no tag of ours.
        for other in ["aa", "\"a", "\"aa\"b", "\"bb\", *", "w/\"aa\""] {
            assert!(!answer(&[other]), "{other}");
        }
    }

    #[test]
    fn a_matching_tag_among_several_is_found_and_outweighs_the_date() {
        let v = Validators {
            etag: "\"aa\"",
            last_modified: UnixTime::from_secs(1_000_000),
        };
        let mut headers = HeaderMap::new();
        assert!(!v.not_modified(&headers));
        headers.insert(
            IF_MODIFIED_SINCE,
            HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"),
        );
        assert!(v.not_modified(&headers));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"bb\", W/\"aa\""));
        assert!(v.not_modified(&headers));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"bb\""));
        assert!(!v.not_modified(&headers));
    }
}
