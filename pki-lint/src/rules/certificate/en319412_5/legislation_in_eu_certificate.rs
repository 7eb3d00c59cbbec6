//! It is for certificates that are qualified under another law, and only under that.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.legislation-in-eu-certificate",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.4",
        defect: "an EU qualified certificate has QcCClegislation",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let eu = c.expected.is_some() && c.is_eu_qualified();
    found.broken_if(eu && c.states(oid::QCS_CC_LEGISLATION));
}
