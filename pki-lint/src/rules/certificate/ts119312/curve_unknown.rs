//! P-256, P-384, P-521, the Brainpool curves, FRP256v1, Ed25519, Ed448.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.curve-unknown",
        severity: Severity::Warning,
        clause: "TS 119 312 clause 9",
        defect: "the key is on a curve that is not listed",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let KeyMaterial::Ec { curve } = c.key.material {
        let nist = [oid::SECP256R1, oid::SECP384R1, oid::SECP521R1];
        // 1.3.36.3.3.2.8.1.1.{7, 11, 13}: brainpoolP256r1, P384r1, P512r1; 1.2.250.1.223.101.256.1.
        let brainpool = matches!(curve, [0x2B, 0x24, 3, 3, 2, 8, 1, 1, 7 | 11 | 13]);
        let frp = curve == [0x2A, 0x81, 0x7A, 1, 0x81, 0x5F, 0x65, 0x82, 0, 1];
        found.broken_if(!nist.iter().any(|n| n.as_bytes() == curve) && !brainpool && !frp);
    }
}
