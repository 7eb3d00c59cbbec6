//! NCP and NCP+ differ in the device, LCP and NCP in the registration: one of them is true.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319411-1.policies-contradictory",
        severity: Severity::Error,
        clause: "EN 319 411-1 clause 5.3",
        defect: "two policies of one series that exclude each other",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let series = [oid::POLICY_LCP, oid::POLICY_NCP, oid::POLICY_NCP_PLUS];
    found.broken_if(series.iter().filter(|p| c.has_policy(**p)).count() > 1);
}
