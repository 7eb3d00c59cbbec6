//! It should not be: paths are built without it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-alternative-name-critical",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.7",
        defect: "issuerAltName is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::CE_ISSUER_ALT_NAME));
}
