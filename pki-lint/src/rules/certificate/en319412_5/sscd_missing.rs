//! QCP-n-qscd and QCP-l-qscd are for such keys.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.sscd-missing",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5-01, EN 319 411-2 clause 5.3",
        defect: "the policy says that the key is in a qualified device, and QcSSCD does not",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let device = c.has_policy(oid::POLICY_QCP_N_QSCD) || c.has_policy(oid::POLICY_QCP_L_QSCD);
    found.broken_if(device && !c.states(oid::QCS_SSCD));
}
