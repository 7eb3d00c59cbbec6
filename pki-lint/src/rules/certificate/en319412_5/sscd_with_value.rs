//! It is its OID and no more.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.sscd-with-value",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.2",
        defect: "QcSSCD has a value",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.statement(oid::QCS_SSCD).is_some_and(|s| s.info.is_some()));
}
