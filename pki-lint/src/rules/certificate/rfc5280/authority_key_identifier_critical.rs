//! It helps to find the issuer; nobody must refuse the certificate over it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.authority-key-identifier-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.1",
        defect: "authorityKeyIdentifier is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::CE_AUTHORITY_KEY_IDENTIFIER));
}
