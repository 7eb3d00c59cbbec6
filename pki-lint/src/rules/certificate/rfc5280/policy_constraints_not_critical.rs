//! Who does not know it must not believe the path.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-constraints-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.11",
        defect: "policyConstraints is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_uncritical(&oid::CE_POLICY_CONSTRAINTS));
}
