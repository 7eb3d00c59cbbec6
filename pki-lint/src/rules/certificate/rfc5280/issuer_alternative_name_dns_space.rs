//! The dNSName " " must not be used.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-alternative-name-dns-space",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.7",
        defect: "a dNSName of issuerAltName is a space",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.issuer_names(GeneralName::DNS).any(|n| n.value == b" "));
}
