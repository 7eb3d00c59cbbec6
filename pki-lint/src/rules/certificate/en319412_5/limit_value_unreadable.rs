//! A currency, an amount and an exponent.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.limit-value-unreadable",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.3.2",
        defect: "QcLimitValue is no MonetaryValue",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let s = c.statement(oid::QCS_LIMIT_VALUE);
    found.broken_if(s.is_some() && c.limit().is_none());
}
