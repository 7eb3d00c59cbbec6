//! It helps to build paths; nobody must refuse the certificate over it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-key-identifier-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.2",
        defect: "subjectKeyIdentifier is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::CE_SUBJECT_KEY_IDENTIFIER));
}
