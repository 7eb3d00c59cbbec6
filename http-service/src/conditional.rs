//! Conditional requests (RFC 9110 section 13): whether the client's copy still serves.

use hyper::HeaderMap;
use hyper::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
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
            return tags
                .filter_map(|value| value.to_str().ok())
                .flat_map(|list| list.split(','))
                .map(str::trim)
                // The comparison is weak: W/ does not matter (section 8.8.3.2).
                .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag);
        }
        headers
            .get(IF_MODIFIED_SINCE)
            .and_then(|value| parse_http_date(value.to_str().ok()?))
            .is_some_and(|since| self.last_modified <= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

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
