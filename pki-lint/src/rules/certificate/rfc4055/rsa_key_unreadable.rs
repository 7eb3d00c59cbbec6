//! A SEQUENCE of modulus and exponent.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.rsa-key-unreadable",
        severity: Severity::Error,
        clause: "RFC 8017 appendix A.1.1",
        defect: "an RSA key is no RSAPublicKey",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let rsa = [oid::RSA_ENCRYPTION, oid::RSASSA_PSS];
    let is_rsa = rsa
        .iter()
        .any(|known| known.as_bytes() == c.key.algorithm.oid);
    found.broken_if(is_rsa && !c.key.is_rsa());
}
