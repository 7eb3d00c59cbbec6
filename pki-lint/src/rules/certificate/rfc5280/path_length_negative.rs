//! Zero is the shortest path.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.path-length-negative",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.9",
        defect: "pathLenConstraint is negative",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let length = c.basic_constraints.and_then(|b| b.path_length);
    found.broken_if(length.is_some_and(|n| n.first().is_none_or(|b| b & 0x80 != 0)));
}
