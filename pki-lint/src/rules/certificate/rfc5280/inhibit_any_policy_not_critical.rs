//! Who does not know it must not believe the path.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.inhibit-any-policy-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.14",
        defect: "inhibitAnyPolicy is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_uncritical(&oid::CE_INHIBIT_ANY_POLICY));
}
