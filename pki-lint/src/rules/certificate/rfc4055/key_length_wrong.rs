//! A point of a named curve, compressed or not, and 32 or 57 octets for EdDSA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.key-length-wrong",
        severity: Severity::Error,
        clause: "RFC 5480 section 2.2, RFC 8410 section 4",
        defect: "the key has not the length of its curve",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let length = c.key.bits.len();
    let right = match c.key.material {
        KeyMaterial::Ed25519 => length == 32,
        KeyMaterial::Ed448 => length == 57,
        KeyMaterial::Ec { curve } => {
            let field = match curve {
                known if known == oid::SECP256R1.as_bytes() => 32,
                known if known == oid::SECP384R1.as_bytes() => 48,
                known if known == oid::SECP521R1.as_bytes() => 66,
                _ => return,
            };
            match c.key.bits.first() {
                Some(4) => length == 1 + 2 * field,
                Some(2 | 3) => length == 1 + field,
                _ => false,
            }
        }
        KeyMaterial::Rsa { .. } | KeyMaterial::Other => return,
    };
    found.broken_if(!right);
}
