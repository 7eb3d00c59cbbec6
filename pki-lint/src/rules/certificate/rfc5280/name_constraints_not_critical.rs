//! Who does not know it would believe names that were ruled out.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "nameConstraints is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_uncritical(&oid::CE_NAME_CONSTRAINTS));
}
