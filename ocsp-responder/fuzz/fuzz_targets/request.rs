//! An OCSP request from the network: never a panic, and every CertID is a slice of the input.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocsp_responder::request::Query;

fuzz_target!(|data: &[u8]| {
    if let Ok(query) = Query::parse(data) {
        for id in query.cert_ids() {
            assert!(data.as_ptr_range().contains(&id.der.as_ptr()));
        }
    }
});
