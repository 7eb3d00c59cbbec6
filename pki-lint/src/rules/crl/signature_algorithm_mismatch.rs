//! The inner one is signed; a verifier that reads the outer one must read the same.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.signature-algorithm-mismatch",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.1.2",
        defect: "the inner and outer signature algorithms differ",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let Some(outer) = &crl.algorithm {
        found.broken_if(outer.raw != crl.tbs_algorithm.raw);
    }
}
