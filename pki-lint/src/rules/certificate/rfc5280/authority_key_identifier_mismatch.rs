//! Where a CA has several keys, this is how the right one is found.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.authority-key-identifier-mismatch",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.1",
        defect: "authorityKeyIdentifier is not the CA's subjectKeyIdentifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(ca) = c.ca else {
        return;
    };
    let Some(expected) = ca.subject_key_id else {
        return;
    };
    let ours = c.authority_key_id.and_then(|a| a.key_identifier);
    found.broken_if(ours.is_some_and(|ours| ours != expected));
}
