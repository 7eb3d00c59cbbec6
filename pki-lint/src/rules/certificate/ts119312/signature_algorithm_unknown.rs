//! RSA (PKCS#1 v1.5 and PSS), ECDSA and EdDSA with SHA-2 or SHA-3, ML-DSA, SLH-DSA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.signature-algorithm-unknown",
        severity: Severity::Warning,
        clause: "TS 119 312 clause 7",
        defect: "signed with an algorithm that is not listed",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.tbs_algorithm.is_listed() && !c.tbs_algorithm.is_weak());
}
