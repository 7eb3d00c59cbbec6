//! Either its status is asked for, or it is not.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.ocsp-signer-points-to-ocsp",
        severity: Severity::Warning,
        clause: "RFC 6960 section 4.2.2.2.1",
        defect: "an OCSP signer that nobody checks names an OCSP responder",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has(&oid::OCSP_NO_CHECK) && c.access(oid::AD_OCSP).next().is_some());
}
