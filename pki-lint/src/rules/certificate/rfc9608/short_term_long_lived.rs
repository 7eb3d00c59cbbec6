//! It must end before a revocation would have been published.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc9608.short-term-long-lived",
        severity: Severity::Warning,
        clause: "EN 319 412-1 clause 5.2",
        defect: "a certificate without revocation is valid for more than a day",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let none = c.has(&oid::CE_NO_REV_AVAIL) || c.has(&oid::EXT_VALASSURED_SHORT_TERM);
    found.broken_if(none && c.seconds().is_some_and(|s| s > 86_400));
}
