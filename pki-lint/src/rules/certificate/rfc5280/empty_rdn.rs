//! A SET of at least one.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.empty-rdn",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.4",
        defect: "a name has an RDN without attributes",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.issuer.empty_rdn || c.subject.empty_rdn);
}
