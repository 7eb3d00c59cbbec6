//! Clients look for the signer by this identifier.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.responder-id-mismatch",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.3",
        defect: "responderID names another signer than the certificate in the response",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let signer = match (r.signer(), r.ca) {
        (Some(signer), _) => signer,
        (None, Some(ca)) if !r.has_certificates => ca,
        _ => return,
    };
    let matches = match (&r.by_name, r.by_key) {
        (Some(name), _) => name.raw == signer.subject.raw,
        (None, Some(hash)) => hash == pki_crypto::key_hash_sha1(signer.key.bits),
        (None, None) => return,
    };
    found.broken_if(!matches);
}
