//! RSA, elliptic curves, EdDSA, ML-DSA, SLH-DSA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.key-algorithm-unknown",
        severity: Severity::Warning,
        clause: "TS 119 312 clause 7",
        defect: "the key is of an algorithm that is not listed",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let known = c.key.is_ec()
        || c.key.material != KeyMaterial::Other
        || [oid::RSA_ENCRYPTION, oid::RSASSA_PSS]
            .iter()
            .any(|rsa| rsa.as_bytes() == c.key.algorithm.oid)
        // 2.16.840.1.101.3.4.3.{17 to 19 ML-DSA, 20 to 31 SLH-DSA}
        || matches!(c.key.algorithm.oid, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17..=31]);
    if !known && !c.key.algorithm.oid.is_empty() {
        found.at(Label(c.key.algorithm.oid));
    }
}
