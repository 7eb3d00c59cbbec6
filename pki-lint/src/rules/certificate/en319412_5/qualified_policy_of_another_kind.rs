//! -n is for natural persons, -l for legal persons, -w for web sites.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.qualified-policy-of-another-kind",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5.2-2",
        defect: "the QCP policy does not fit whom the certificate is for",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let natural = [oid::POLICY_QCP_N, oid::POLICY_QCP_N_QSCD];
    let legal = [oid::POLICY_QCP_L, oid::POLICY_QCP_L_QSCD];
    let wrong = match c.kind {
        Kind::LegalPerson => natural.iter().any(|p| c.has_policy(*p)) || c.has_web_policy(),
        kind if kind.is_natural() => legal.iter().any(|p| c.has_policy(*p)) || c.has_web_policy(),
        _ => false,
    };
    found.broken_if(wrong);
}
