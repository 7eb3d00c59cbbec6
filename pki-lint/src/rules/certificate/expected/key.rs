//! Curves by name, RSA by the size of its modulus.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.key",
        severity: Severity::Error,
        clause: "TS 119 312 clause 9",
        defect: "the key is not one that the profile takes",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(accepted) = c.expected.and_then(|e| e.keys.as_ref()) else {
        return;
    };
    let curve = match c.key.material {
        KeyMaterial::Rsa { modulus, .. } => {
            let bits = bit_length(modulus);
            return found.broken_if(accepted.minimum_rsa_bits.is_none_or(|n| bits < n.into()));
        }
        KeyMaterial::Ed25519 => Some(Curve::Ed25519),
        KeyMaterial::Ec { curve } if curve == oid::SECP256R1.as_bytes() => Some(Curve::P256),
        KeyMaterial::Ec { curve } if curve == oid::SECP384R1.as_bytes() => Some(Curve::P384),
        KeyMaterial::Ec { curve } if curve == oid::SECP521R1.as_bytes() => Some(Curve::P521),
        _ => None,
    };
    found.broken_if(curve.is_none_or(|curve| !accepted.curves.contains(&curve)));
}
