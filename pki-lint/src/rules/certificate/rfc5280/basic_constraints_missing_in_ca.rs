//! Without it nobody takes it for one.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.basic-constraints-missing-in-ca",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.9",
        defect: "a CA has no basicConstraints",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let signs = c.kind.is_ca() && c.expected.is_some();
    found.broken_if(signs && !c.has(&oid::CE_BASIC_CONSTRAINTS));
}
