//! It limits what a CA may issue, and nothing else.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.path-length-without-ca",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.9",
        defect: "pathLenConstraint where there is no CA with keyCertSign",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let limited = c.basic_constraints.is_some_and(|b| b.path_length.is_some());
    let signs = c
        .key_usage
        .is_none_or(|usage| usage.any(bit::KEY_CERT_SIGN));
    found.broken_if(limited && !(c.is_ca() && signs && c.key_usage.is_some()));
}
