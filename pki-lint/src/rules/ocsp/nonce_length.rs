//! It is an OCTET STRING of 1 to 128 octets.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.nonce-length",
        severity: Severity::Error,
        clause: "RFC 9654 section 2.1",
        defect: "the nonce has no or more than 128 octets",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    if let Some(nonce) = r.extension(&oid::OCSP_NONCE) {
        let inner = Tlv::whole_with(nonce.value, crate::der::OCTET_STRING);
        found.broken_if(!inner.is_some_and(|n| (1..=128).contains(&n.value.len())));
    }
}
