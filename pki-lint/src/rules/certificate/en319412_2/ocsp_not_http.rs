//! At least one is.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.ocsp-not-http",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.4.1-6",
        defect: "no OCSP location is an http or https URI",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let mut all = c.access(oid::AD_OCSP).peekable();
    let there = all.peek().is_some();
    found.broken_if(c.kind.is_person() && there && !all.any(|n| n.has_scheme(&["http", "https"])));
}
