//! Extensions is a SEQUENCE of at least one.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extensions-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.9",
        defect: "extensions is there and empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_extensions && c.extensions.is_empty() && c.problems.is_empty());
}
