//! Somebody can make another answer with the same digest.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.signature-algorithm-weak",
        severity: Severity::Error,
        clause: "TS 119 312 clause 6",
        defect: "signed with MD2, MD5 or SHA-1",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.algorithm.is_weak());
}
