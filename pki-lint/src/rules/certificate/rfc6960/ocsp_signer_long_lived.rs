//! A stolen key answers for so long.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.ocsp-signer-long-lived",
        severity: Severity::Warning,
        clause: "RFC 6960 section 4.2.2.2.1",
        defect: "an OCSP signer that nobody checks is valid for more than a hundred days",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let long = c.seconds().is_some_and(|s| s > 100 * 86_400);
    found.broken_if(c.has_purpose(oid::KP_OCSP_SIGNING) && c.has(&oid::OCSP_NO_CHECK) && long);
}
