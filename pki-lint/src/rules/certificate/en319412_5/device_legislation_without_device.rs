//! The law of a device that nobody claims.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.device-legislation-without-device",
        severity: Severity::Warning,
        clause: "EN 319 412-5 clause 4.2.6",
        defect: "QcQSCDlegislation without QcSSCD",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.states(oid::QCS_QSCD_LEGISLATION) && !c.states(oid::QCS_SSCD));
}
