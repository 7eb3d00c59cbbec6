//! Explicit parameters let somebody bring a curve of their own.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.ec-curve-not-named",
        severity: Severity::Error,
        clause: "RFC 5480 section 2.1.1",
        defect: "an EC key has no named curve",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let named = matches!(c.key.material, KeyMaterial::Ec { .. });
    found.broken_if(c.key.is_ec() && !named);
}
