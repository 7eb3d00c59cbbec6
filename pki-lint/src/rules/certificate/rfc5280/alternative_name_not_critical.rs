//! Where the only name stands in an extension, everybody must read it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.alternative-name-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.6",
        defect: "the subject is empty and subjectAltName is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject.attributes.is_empty() && c.has_uncritical(&oid::CE_SUBJECT_ALT_NAME));
}
