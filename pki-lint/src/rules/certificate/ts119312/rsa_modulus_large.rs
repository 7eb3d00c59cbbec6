//! Common software does not verify it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.rsa-modulus-large",
        severity: Severity::Warning,
        clause: "TS 119 312 clause 9",
        defect: "the RSA modulus has more than 8192 bits",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Rsa { modulus, .. } = c.key.material {
        found.broken_if(bit_length(modulus) > 8_192);
    }
}
