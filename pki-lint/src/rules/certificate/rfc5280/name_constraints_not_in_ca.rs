//! It is about what is below, and there is nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-not-in-ca",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "nameConstraints in a certificate that is no CA's",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has(&oid::CE_NAME_CONSTRAINTS) && !c.is_ca());
}
