//! Paths are built without it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.issuer-alternative-name-critical",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.6-1",
        defect: "issuerAltName is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.has_critical(&oid::CE_ISSUER_ALT_NAME));
}
