//! It should not be: who does not know it asks for a status in vain, and no more.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.no-check-critical",
        severity: Severity::Warning,
        clause: "RFC 6960 section 4.2.2.2.1",
        defect: "id-pkix-ocsp-nocheck is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::OCSP_NO_CHECK));
}
