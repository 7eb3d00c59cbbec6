//! A time-stamp query from the network: never a panic, and what is echoed stands in the input.
#![no_main]

use const_oid::ObjectIdentifier;
use libfuzzer_sys::fuzz_target;
use pki_crypto::DigestAlgorithm;
use tsa_server::query::Query;

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.7");

fuzz_target!(|data: &[u8]| {
    if let Ok(query) = Query::parse(data, &DigestAlgorithm::ALL, &POLICY) {
        assert!(data.windows(query.imprint.len()).any(|w| w == query.imprint));
    }
});
