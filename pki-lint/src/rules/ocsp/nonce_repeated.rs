//! One request, one nonce, one answer.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.nonce-repeated",
        severity: Severity::Error,
        clause: "RFC 9654 section 2.1",
        defect: "there is more than one nonce",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let nonces = r
        .extensions
        .iter()
        .filter(|e| e.oid == oid::OCSP_NONCE.as_bytes());
    found.broken_if(nonces.count() > 1);
}
