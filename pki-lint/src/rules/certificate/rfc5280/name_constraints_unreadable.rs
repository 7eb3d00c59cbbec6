//! Nobody knows what is ruled out.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-unreadable",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "nameConstraints cannot be read",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let e = c.extension(&oid::CE_NAME_CONSTRAINTS);
    found.broken_if(e.is_some_and(|e| crate::view::name_constraints(e.value).is_none()));
}
