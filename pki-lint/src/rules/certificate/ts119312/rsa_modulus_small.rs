//! Such keys have ended.

use pki_crypto::suites::SMALLEST_RSA;

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-modulus-small",
        severity: Severity::Error,
        clause: "TS 119 312 clause 9",
        defect: "the RSA modulus has fewer than 1900 bits",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Rsa { modulus, .. } = c.key.material {
        found.broken_if(bit_length(modulus) < u64::from(SMALLEST_RSA));
    }
}
