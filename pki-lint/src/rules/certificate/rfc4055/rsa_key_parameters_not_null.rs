//! Software that compares keys by their octets needs one spelling.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.rsa-key-parameters-not-null",
        severity: Severity::Error,
        clause: "RFC 3279 section 2.3.1",
        defect: "the parameters of rsaEncryption in the key are not NULL",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let null = |p: Tlv<'_>| p.tag == crate::der::NULL && p.value.is_empty();
    let rsa = c.key.algorithm.oid == oid::RSA_ENCRYPTION.as_bytes();
    found.broken_if(rsa && !c.key.algorithm.parameters.is_some_and(null));
}
