//! It is the authorityKeyIdentifier of everything below.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-key-identifier-missing-in-ca",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.2",
        defect: "a CA has no subjectKeyIdentifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.is_ca() && !c.has(&oid::CE_SUBJECT_KEY_IDENTIFIER));
}
