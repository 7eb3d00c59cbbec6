//! The qualified policies take in the others; two claims can contradict each other later.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319411-1.policies-of-both-series",
        severity: Severity::Warning,
        clause: "EN 319 411-2 clause 5.3",
        defect: "an NCP or LCP policy beside a QCP policy",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let normal = [oid::POLICY_LCP, oid::POLICY_NCP, oid::POLICY_NCP_PLUS];
    let either = normal.iter().any(|p| c.has_policy(*p));
    found.broken_if(either && c.qcp_policies().next().is_some());
}
