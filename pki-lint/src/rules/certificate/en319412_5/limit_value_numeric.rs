//! Letters are recommended.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.limit-value-numeric",
        severity: Severity::Warning,
        clause: "EN 319 412-5 GEN-4.3.2",
        defect: "QcLimitValue has its currency as a number",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.limit()
            .is_some_and(|[currency, ..]| currency.tag == crate::der::INTEGER),
    );
}
