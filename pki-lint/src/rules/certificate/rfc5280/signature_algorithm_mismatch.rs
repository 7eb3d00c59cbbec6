//! The inner one is signed; a verifier that reads the outer one must read the same.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.signature-algorithm-mismatch",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.1.2",
        defect: "the inner and outer signature algorithms differ",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.algorithm.raw != c.tbs_algorithm.raw);
}
