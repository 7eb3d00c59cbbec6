//! A SEQUENCE of at least one.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.legislation-empty",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.2.4",
        defect: "QcCClegislation names no country",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let s = c.statement(oid::QCS_CC_LEGISLATION);
    found.broken_if(s.is_some_and(|s| s.list().is_some_and(|l| l.is_empty())));
}
