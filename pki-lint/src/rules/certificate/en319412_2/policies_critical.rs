//! It should not be.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.policies-critical",
        severity: Severity::Warning,
        clause: "EN 319 412-2 GEN-4.3.3-1",
        defect: "certificatePolicies is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.has_critical(&oid::CE_CERTIFICATE_POLICIES));
}
