//! A person's subject is never empty.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.alternative-name-critical",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.5-1",
        defect: "subjectAltName is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.has_critical(&oid::CE_SUBJECT_ALT_NAME));
}
