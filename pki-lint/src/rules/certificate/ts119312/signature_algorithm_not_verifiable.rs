//! A certificate of ours that we could not check ourselves is not issued.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "ts119312.signature-algorithm-not-verifiable",
        severity: Severity::Error,
        clause: "TS 119 312 clause 7",
        defect: "signed with an algorithm that Sceau does not verify",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    use pki_asn1::oid::ObjectIdentifier;
    if c.expected.is_none() {
        return;
    }
    let known = |oid: ObjectIdentifier| KNOWN.contains(&oid);
    found.broken_if(!ObjectIdentifier::from_bytes(c.tbs_algorithm.oid).is_ok_and(known));
}

const KNOWN: [oid::ObjectIdentifier; 8] = [
    oid::ECDSA_WITH_SHA256,
    oid::ECDSA_WITH_SHA384,
    oid::ECDSA_WITH_SHA512,
    oid::SHA256_WITH_RSA,
    oid::SHA384_WITH_RSA,
    oid::SHA512_WITH_RSA,
    oid::RSASSA_PSS,
    oid::ED25519,
];
