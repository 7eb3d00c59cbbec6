//! The OID says everything.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.eddsa-key-parameters-present",
        severity: Severity::Error,
        clause: "RFC 8410 section 3",
        defect: "an Ed25519 or Ed448 key has parameters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let eddsa = matches!(c.key.material, KeyMaterial::Ed25519 | KeyMaterial::Ed448);
    found.broken_if(eddsa && c.key.algorithm.parameters.is_some());
}
