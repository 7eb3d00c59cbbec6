//! Octet for octet: path building compares names before it compares keys.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-name-mismatch",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.4",
        defect: "the issuer is not the subject of the CA's certificate",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let expected_root = c.kind == Kind::RootCa && c.expected.is_some();
    let ca = match c.ca {
        Some(ca) => ca.subject.raw,
        None if expected_root => c.subject.raw,
        None => return,
    };
    found.broken_if(c.issuer.raw != ca);
}
