//! Issuer and serial number alone do not survive a renewal of the CA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.authority-key-identifier-without-key",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.1",
        defect: "authorityKeyIdentifier has no keyIdentifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let without = c
        .authority_key_id
        .is_some_and(|a| a.key_identifier.is_none());
    found.broken_if(without && !c.is_self_issued());
}
