//! Header fields that our own code reads: ranges, dates, the hops of X-Forwarded-For.
#![no_main]

use http_service::clients::{Network, forwarded};
use http_service::{HeaderMap, HeaderValue, Part, http_date, parse_http_date};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for length in [0, 1, 1000, usize::MAX] {
        if let Part::Octets(octets) = Part::parse(text, length) {
            assert!(octets.start < octets.end && octets.end <= length);
        }
    }
    if let Some(time) = parse_http_date(text) {
        assert_eq!(parse_http_date(&http_date(time)), Some(time));
    }
    let _ = text.parse::<Network>();
    if let Ok(value) = HeaderValue::from_str(text) {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", value);
        let peer = [192, 0, 2, 1].into();
        assert_eq!(forwarded::client(peer, &headers, |_| false), peer);
        let _ = forwarded::client(peer, &headers, |_| true);
    }
});
