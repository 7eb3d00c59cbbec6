//! Software that reads no alternative names would refuse the certificate for nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.alternative-name-critical",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.6",
        defect: "the subject is not empty and subjectAltName is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.subject.attributes.is_empty() && c.has_critical(&oid::CE_SUBJECT_ALT_NAME));
}
