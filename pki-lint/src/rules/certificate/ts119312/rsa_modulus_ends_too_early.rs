//! Certificates of such keys end by 31 December 2028.

use pki_crypto::suites::{SHORT_RSA_LAST_USE, SMALLEST_RSA, UNDATED_RSA};

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
    let end = SHORT_RSA_LAST_USE.after().as_secs();
    let late = c.not_after.and_then(|t| t.at).is_some_and(|at| at >= end);
    let ending = u64::from(SMALLEST_RSA)..u64::from(UNDATED_RSA);
    found.broken_if(ending.contains(&bit_length(modulus)) && late);
}
