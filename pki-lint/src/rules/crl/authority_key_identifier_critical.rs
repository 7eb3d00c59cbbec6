//! It helps to find the issuer; nobody must refuse the list over it.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.authority-key-identifier-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.1",
        defect: "authorityKeyIdentifier is critical",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.has_critical(&oid::CE_AUTHORITY_KEY_IDENTIFIER));
}
