//! Somebody can make another CRL with the same digest.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.signature-algorithm-weak",
        severity: Severity::Error,
        clause: "TS 119 312 clause 6",
        defect: "signed with MD2, MD5 or SHA-1",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.tbs_algorithm.is_weak());
}
