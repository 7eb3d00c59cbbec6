//! A time-stamp query from the network: never a panic, and what is echoed stands in the input.
#![no_main]

use std::sync::{Arc, LazyLock};

use const_oid::ObjectIdentifier;
use libfuzzer_sys::fuzz_target;
use pki_crypto::DigestAlgorithm;
use tsa_server::offer::{OfferedPolicy, TimeStampPolicy};
use tsa_server::query::Query;

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.7");

static OFFERED: LazyLock<Vec<Arc<OfferedPolicy>>> = LazyLock::new(|| {
    let mut policy = TimeStampPolicy::new(POLICY);
    policy.digests = DigestAlgorithm::ALL.to_vec();
    OfferedPolicy::new(policy).into_iter().collect()
});

fuzz_target!(|data: &[u8]| {
    if let Ok(query) = Query::parse(data, &OFFERED) {
        assert!(data.windows(query.imprint.len()).any(|w| w == query.imprint));
    }
});
