//! What the responders read from the network, and their journals.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http_service::clients::{Network, forwarded};
use http_service::{HeaderMap, HeaderValue, Part, http_date, parse_http_date};
use ocsp_responder::protocol::path;
use ocsp_responder::protocol::request::Query as OcspQuery;
use pki_crypto::DigestAlgorithm;
use tsa_server::clock::Reading;
use tsa_server::clock::ntp::Answer;
use tsa_server::instant::UtcInstant;
use tsa_server::journal::segment;
use tsa_server::offer::{OfferedPolicy, TimeStampPolicy};
use tsa_server::query::Query as TspQuery;

use crate::text;

static OFFERED: LazyLock<Vec<Arc<OfferedPolicy>>> = LazyLock::new(|| {
    let mut policy = TimeStampPolicy::new("1.3.6.1.4.1.32473.1.7".parse().unwrap());
    policy.digests = DigestAlgorithm::ALL.to_vec();
    vec![OfferedPolicy::new(policy).unwrap()]
});

/// The path of a GET request: no more candidates than slashes allow.
pub(crate) fn ocsp_path(input: &[u8]) {
    let Some(text) = text(input) else { return };
    let candidates = path::candidates(text);
    assert!(candidates.len() <= 16);
    for der in candidates {
        let _ = OcspQuery::parse(&der);
    }
}

/// An OCSP request: every CertID is a slice of the input.
pub(crate) fn ocsp_request(input: &[u8]) {
    if let Ok(query) = OcspQuery::parse(input) {
        for id in query.cert_ids() {
            assert!(input.as_ptr_range().contains(&id.der.as_ptr()));
        }
    }
}

/// A time-stamp query: what is echoed stands in the input.
pub(crate) fn tsp_query(input: &[u8]) {
    if let Ok(query) = TspQuery::parse(input, &OFFERED) {
        let imprint = &query.imprint;
        assert!(input.windows(imprint.len()).any(|w| w == imprint));
    }
}

/// A segment of the token journal as somebody left it: what is said to be whole is whole.
pub(crate) fn tsa_journal(input: &[u8]) {
    let mut records = 0;
    if let Ok(end) = segment::read(input, 1, None, &mut |_| records += 1) {
        assert_eq!(end.length + end.torn, input.len() as u64);
        assert_eq!(end.position.next, records + 1);
        let kept = &input[..end.length as usize];
        let again = segment::read(kept, 1, None, &mut |_| ()).unwrap();
        assert_eq!((again.position, again.torn), (end.position, 0));
    }
}

/// An answer from an NTP server, whatever times it names: the nonce asked with, both clocks, the packet.
pub(crate) fn ntp(input: &[u8]) {
    let Some((nonce, rest)) = input.split_first_chunk::<8>() else {
        return;
    };
    let Some((now, rest)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let Some((trip, packet)) = rest.split_first_chunk::<2>() else {
        return;
    };
    if let Ok(answer) = Answer::parse(packet, *nonce) {
        assert_eq!(packet[24..32], *nonce);
        let sent = Reading {
            utc: UtcInstant::from_nanos(u64::from_be_bytes(*now)),
            monotonic: Duration::ZERO,
        };
        let trip = Duration::from_millis(u16::from_be_bytes(*trip).into());
        let received = Reading {
            utc: sent.utc.plus(trip),
            monotonic: trip,
        };
        let _ = answer.sample(sent, received);
    }
}

/// Byte ranges lie in the representation, dates survive being written, and nobody but a trusted proxy
/// says for whom it asks.
pub(crate) fn http_fields(input: &[u8]) {
    let Some(text) = text(input) else { return };
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
}
