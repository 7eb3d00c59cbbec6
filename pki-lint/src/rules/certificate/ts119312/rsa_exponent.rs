//! Small exponents break under bad padding.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-exponent",
        severity: Severity::Error,
        clause: "TS 119 312 clause 9, FIPS 186-5 section 5.1",
        defect: "the RSA exponent is not an odd number between 2^16 and 2^256",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Rsa { exponent, .. } = c.key.material {
        let odd = exponent.last().is_some_and(|b| b & 1 == 1);
        found.broken_if(!odd || !(3..=32).contains(&exponent.len()));
    }
}
