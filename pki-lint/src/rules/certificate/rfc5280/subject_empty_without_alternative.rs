//! The key belongs to nobody.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-empty-without-alternative",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.6",
        defect: "the subject is empty and there is no subjectAltName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.subject.attributes.is_empty() && c.subject_alt_names.as_ref().is_none_or(Vec::is_empty),
    );
}
