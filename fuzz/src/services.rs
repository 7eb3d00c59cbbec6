//! What the responders read from the network.

use ocsp_responder::path;
use ocsp_responder::request::Query as OcspQuery;
use pki_crypto::DigestAlgorithm;
use tsa_server::query::Query as TspQuery;

use crate::text;

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
    let policy = "1.3.6.1.4.1.32473.1.7".parse().unwrap();
    if let Ok(query) = TspQuery::parse(input, &DigestAlgorithm::ALL, &policy) {
        let imprint = &query.imprint;
        assert!(input.windows(imprint.len()).any(|w| w == imprint));
    }
}
