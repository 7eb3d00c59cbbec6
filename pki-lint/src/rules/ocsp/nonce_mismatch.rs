//! An answer to somebody else, or to nobody.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.nonce-mismatch",
        severity: Severity::Error,
        clause: "RFC 9654 section 2.1",
        defect: "the nonce is not that of the request",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let Some(expected) = r.expected.nonce else {
        return;
    };
    if let Some(nonce) = r.extension(&oid::OCSP_NONCE) {
        let inner = Tlv::whole_with(nonce.value, crate::der::OCTET_STRING);
        found.broken_if(inner.is_none_or(|n| n.value != expected));
    }
}
