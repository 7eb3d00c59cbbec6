//! PKCS#10 requests come from strangers: reading one never panics, and one that is accepted was
//! signed by its own key. Run with `cargo +nightly fuzz run request` in `ca-core`.

#![no_main]

use ca_core::CertificationRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(request) = CertificationRequest::parse(input) {
        assert!(!request.public_key().spki_der().is_empty());
    }
});
