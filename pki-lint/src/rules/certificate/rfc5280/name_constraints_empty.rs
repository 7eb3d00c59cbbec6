//! An empty SEQUENCE is not issued.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "nameConstraints constrains nothing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let e = c.extension(&oid::CE_NAME_CONSTRAINTS);
    found.broken_if(e.is_some_and(|e| e.value == [0x30, 0]));
}
