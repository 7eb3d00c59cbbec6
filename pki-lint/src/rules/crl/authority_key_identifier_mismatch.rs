//! The CRL would be looked for under another key.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.authority-key-identifier-mismatch",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.1",
        defect: "authorityKeyIdentifier is not the CA's subjectKeyIdentifier",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let ca = crl.ca.and_then(|ca| ca.subject_key_id);
    let ours = crl.authority_key_id.and_then(|a| a.key_identifier);
    if let (Some(ca), Some(ours)) = (ca, ours) {
        found.broken_if(ca != ours);
    }
}
