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
    if c.signature_value == SignatureValue::Placeholder {
        return;
    }
    let Some((0, value)) = c.signature.split_first().map(|(unused, v)| (*unused, v)) else {
        return found.broken();
    };
    let ecdsa = c
        .algorithm
        .oid
        .starts_with(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4]);
    let right = match c.algorithm.oid {
        [0x2B, 0x65, 0x70] => value.len() == 64,
        [0x2B, 0x65, 0x71] => value.len() == 114,
        _ if ecdsa => Tlv::whole_with(value, crate::der::SEQUENCE)
            .and_then(Tlv::elements)
            .is_some_and(|parts| {
                let positive = |t: &Tlv<'_>| {
                    t.tag == crate::der::INTEGER
                        && t.value.first().is_some_and(|b| b & 0x80 == 0)
                        && crate::x690::integer_is_minimal(t.value)
                };
                parts.len() == 2 && parts.iter().all(positive)
            }),
        _ => !value.is_empty(),
    };
    found.broken_if(!right);
}
