//! OCSP signing and time-stamping never leak into other certificates.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.extended-key-usage",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.12",
        defect: "extKeyUsage differs from the profile",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(purposes) = c.expected.and_then(|e| e.extended_key_usage.as_ref()) else {
        return;
    };
    let written = c.extended_key_usage.iter().flatten().copied();
    found.broken_if(!written.eq(purposes.iter().map(|p| p.as_bytes())));
}
