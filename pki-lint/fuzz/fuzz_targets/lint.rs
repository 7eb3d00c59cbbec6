//! Certificates, CRLs and OCSP responses come from anywhere: linting one never panics, and never
//! says more than a person can read. Run with `cargo +nightly fuzz run lint` in `pki-lint`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pki_lint::{Context, CrlContext, OcspContext, lint_certificate, lint_crl, lint_ocsp_response};

fuzz_target!(|input: &[u8]| {
    let certificate = lint_certificate(input, &Context::default());
    let crl = lint_crl(input, &CrlContext::default());
    let response = lint_ocsp_response(input, &OcspContext::default());
    assert!(certificate.len() + crl.len() + response.len() < 8 * 500);
});
