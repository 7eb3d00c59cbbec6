//! Needed even where RFC 5280 lets it out.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.authority-key-identifier-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.1-1",
        defect: "authorityKeyIdentifier with a keyIdentifier is missing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let id = c.authority_key_id.and_then(|a| a.key_identifier);
    found.broken_if(c.kind.is_person() && id.is_none());
}
