//! It helps to find things; nobody must refuse the certificate over it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.authority-info-access-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.2.1",
        defect: "authorityInfoAccess is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::PE_AUTHORITY_INFO_ACCESS));
}
