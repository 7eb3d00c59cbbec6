//! Versions 1 and 2 have none.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.version-not-3",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.1",
        defect: "a certificate with extensions is not of version 3",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_extensions && c.version != 3);
}
