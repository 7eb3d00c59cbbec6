//! It is the issuer of others.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.ca-subject-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.6",
        defect: "the subject of a CA is empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.is_ca() && c.subject.attributes.is_empty());
}
