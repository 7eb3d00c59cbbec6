//! The answer is about a certificate that this CA never issued.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.certificate-id-of-another-issuer",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.1.1",
        defect: "a CertID is of another issuer than the CA",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    use pki_asn1::oid::ObjectIdentifier;
    use pki_crypto::DigestAlgorithm;
    let Some(ca) = r.ca else {
        return;
    };
    for single in &r.responses {
        let known = ObjectIdentifier::from_bytes(single.hash).ok();
        let Some(digest) = known.and_then(|oid| DigestAlgorithm::from_oid(&oid)) else {
            continue;
        };
        let name = digest.digest(ca.subject.raw);
        let key = digest.digest(ca.key.bits);
        found.broken_if(single.name_hash != name.as_bytes() || single.key_hash != key.as_bytes());
    }
}
