//! No certificate is issued for such a key after 31 December 2026.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-modulus-ended",
        severity: Severity::Error,
        clause: "TS 119 312 V2.1.1 clause 9",
        defect: "the RSA modulus has fewer than 3000 bits, which ended with 2026",
        since: Some("2027-01-01"),
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Rsa { modulus, .. } = c.key.material {
        found.broken_if((1_900..3_000).contains(&bit_length(modulus)));
    }
}
