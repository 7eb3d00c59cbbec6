//! What `pki-lint` looks at, which need not be DER.

use pki_lint::{
    Context, CrlContext, CrlHead, CrlStream, OcspContext, Revoked, lint_certificate, lint_crl,
    lint_ocsp_response,
};

/// Certificates, CRLs, OCSP responses: whatever the bytes, a person can read what is said.
pub(crate) fn lint(input: &[u8]) {
    let certificate = lint_certificate(input, &Context::default());
    let crl = lint_crl(input, &CrlContext::default());
    let response = lint_ocsp_response(input, &OcspContext::default());
    assert!(certificate.len() + crl.len() + response.len() < 8 * 500);
    // As its own issuer, and as a response's.
    let issuer = Some(input);
    let context = Context {
        issuer,
        ..Context::default()
    };
    let _ = lint_certificate(input, &context);
    let context = CrlContext {
        issuer,
        ..CrlContext::default()
    };
    let _ = lint_crl(input, &context);
}

/// A CRL that is linted while it is made, from parts that are cut anywhere.
pub(crate) fn crl_stream(input: &[u8]) {
    let mut parts = input.split(|b| *b == b'|');
    let mut part = || parts.next().unwrap_or_default();
    let head = CrlHead {
        version: Some(part()),
        signature: part(),
        issuer: part(),
        this_update: part(),
        next_update: Some(part()),
        extensions: Some(part()),
        revoked: Revoked::Present,
    };
    let mut stream = CrlStream::begin(&head, &CrlContext::default());
    for entry in parts {
        stream.entry(entry);
    }
    assert!(stream.finish().len() < 8 * 500);
}
