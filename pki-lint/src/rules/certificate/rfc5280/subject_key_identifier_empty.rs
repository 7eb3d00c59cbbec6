//! It identifies nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-key-identifier-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.2",
        defect: "subjectKeyIdentifier is empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject_key_id.is_some_and(<[u8]>::is_empty));
}
