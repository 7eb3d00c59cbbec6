//! It is no product of two large primes.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-modulus-even",
        severity: Severity::Error,
        clause: "FIPS 186-5 section 5.1",
        defect: "the RSA modulus is even",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Rsa { modulus, .. } = c.key.material {
        found.broken_if(modulus.last().is_none_or(|b| b & 1 == 0));
    }
}
