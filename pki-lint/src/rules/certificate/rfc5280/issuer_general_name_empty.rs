//! A name without characters names nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-general-name-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.7",
        defect: "a name of issuerAltName is empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.issuer_alt_names.iter().flatten().any(|n| n.is_empty()));
}
