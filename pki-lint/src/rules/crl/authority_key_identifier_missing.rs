//! A CA with two keys has two CRLs under one name.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.authority-key-identifier-missing",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.1",
        defect: "authorityKeyIdentifier with a keyIdentifier is missing",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let id = crl.authority_key_id.and_then(|a| a.key_identifier);
    found.broken_if(id.is_none_or(<[u8]>::is_empty));
}
