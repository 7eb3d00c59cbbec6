//! Every certificate but a self-signed one has it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.authority-key-identifier-missing",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.1",
        defect: "authorityKeyIdentifier is missing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        !c.has(&oid::CE_AUTHORITY_KEY_IDENTIFIER) && !c.is_self_issued() && c.version == 3,
    );
}
