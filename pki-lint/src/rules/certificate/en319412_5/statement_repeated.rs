//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.statement-repeated",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-4.1-02A",
        defect: "a statement is made twice",
        since: Some("2026-02-01"),
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let all = c.qc.as_deref().unwrap_or_default();
    for (i, s) in all.iter().enumerate().take(256) {
        if all[..i].iter().any(|earlier| earlier.oid == s.oid) {
            found.at(Label(s.oid));
        }
    }
}
