//! Who does not know it must not take a subscriber for a CA, nor the reverse.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.basic-constraints-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.9",
        defect: "a CA's basicConstraints is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.is_ca() && c.has_uncritical(&oid::CE_BASIC_CONSTRAINTS));
}
