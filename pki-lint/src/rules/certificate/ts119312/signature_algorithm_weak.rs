//! Somebody can make another certificate with the same digest.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.signature-algorithm-weak",
        severity: Severity::Error,
        clause: "TS 119 312 clause 6",
        defect: "signed with MD2, MD5 or SHA-1",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.tbs_algorithm.is_weak() || c.algorithm.is_weak());
}
