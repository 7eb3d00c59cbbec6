//! A critical extension that allows everything keeps out those who look for a purpose.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extended-key-usage-any-critical",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.12",
        defect: "extKeyUsage has anyExtendedKeyUsage and is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.has_purpose(oid::ANY_EXTENDED_KEY_USAGE) && c.has_critical(&oid::CE_EXT_KEY_USAGE),
    );
}
