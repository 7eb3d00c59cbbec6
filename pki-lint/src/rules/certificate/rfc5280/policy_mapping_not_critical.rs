//! It should be, since it changes what policies mean.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-mapping-not-critical",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.5",
        defect: "policyMappings is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_uncritical(&oid::CE_POLICY_MAPPINGS));
}
