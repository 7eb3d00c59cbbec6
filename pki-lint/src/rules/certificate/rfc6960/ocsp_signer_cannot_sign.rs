//! Clients that look at keyUsage refuse its answers.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.ocsp-signer-cannot-sign",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2",
        defect: "an OCSP signer's keyUsage lacks digitalSignature",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let signs = bit::DIGITAL_SIGNATURE;
    found.broken_if(
        c.has_purpose(oid::KP_OCSP_SIGNING) && c.key_usage.is_some_and(|u| !u.any(signs)),
    );
}
