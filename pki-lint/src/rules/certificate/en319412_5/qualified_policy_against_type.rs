//! esign goes with -n, eseal with -l, web with -w.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.qualified-policy-against-type",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5.2-2",
        defect: "the QCP policy does not fit QcType",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let pairs = [
        (
            oid::QCT_ESIGN,
            c.has_policy(oid::POLICY_QCP_N) || c.has_policy(oid::POLICY_QCP_N_QSCD),
        ),
        (
            oid::QCT_ESEAL,
            c.has_policy(oid::POLICY_QCP_L) || c.has_policy(oid::POLICY_QCP_L_QSCD),
        ),
        (oid::QCT_WEB, c.has_web_policy()),
    ];
    let some = c.qcp_policies().next().is_some() && c.qc_types().next().is_some();
    found.broken_if(some && !pairs.iter().any(|(t, policy)| *policy && c.has_qc_type(*t)));
}
