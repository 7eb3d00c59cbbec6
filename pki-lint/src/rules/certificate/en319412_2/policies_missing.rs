//! Under which rules it was issued.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.policies-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 clause 4.3.3",
        defect: "certificatePolicies is missing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.policies.as_ref().is_none_or(Vec::is_empty));
}
