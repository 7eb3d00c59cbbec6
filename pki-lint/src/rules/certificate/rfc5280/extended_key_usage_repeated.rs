//! Once says it all.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extended-key-usage-repeated",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.12",
        defect: "extKeyUsage has a purpose twice",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let purposes = c.extended_key_usage.as_deref().unwrap_or_default();
    for (i, p) in purposes.iter().enumerate().take(256) {
        if purposes[..i].contains(p) {
            found.at(Label(p));
        }
    }
}
