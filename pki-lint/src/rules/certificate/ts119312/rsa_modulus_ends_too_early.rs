//! Certificates of such keys end by 31 December 2028.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-modulus-ends-too-early",
        severity: Severity::Warning,
        clause: "TS 119 312 V2.1.1 clause 9",
        defect: "the RSA modulus has fewer than 3000 bits, and the certificate lasts beyond 2028",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let KeyMaterial::Rsa { modulus, .. } = c.key.material else {
        return;
    };
    // 2029-01-01T00:00:00Z
    let late = c
        .not_after
        .and_then(|t| t.at)
        .is_some_and(|at| at >= 1_861_920_000);
    found.broken_if((1_900..3_000).contains(&bit_length(modulus)) && late);
}
