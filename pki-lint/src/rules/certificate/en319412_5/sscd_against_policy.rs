//! QCP-n and QCP-l are for keys that are anywhere.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.sscd-against-policy",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5.2-2, EN 319 411-2 clause 5.3",
        defect: "QcSSCD says that the key is in a qualified device, and the policy does not",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let elsewhere = c.has_policy(oid::POLICY_QCP_N) || c.has_policy(oid::POLICY_QCP_L);
    found.broken_if(elsewhere && c.states(oid::QCS_SSCD));
}
