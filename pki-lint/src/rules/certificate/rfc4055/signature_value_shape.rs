//! Two positive INTEGERs for ECDSA, 64 octets for Ed25519, 114 for Ed448, something for RSA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.signature-value-shape",
        severity: Severity::Error,
        clause: "RFC 3279 section 2.2.3, RFC 8032 section 5.1.6",
        defect: "the signature value has not the shape that its algorithm gives it",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if c.signature_value == SignatureValue::Real {
        found.broken_if(!c.algorithm.fits(c.signature));
    }
}
