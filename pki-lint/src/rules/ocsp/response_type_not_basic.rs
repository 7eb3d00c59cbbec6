//! Every client understands that one, and hardly any another.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.response-type-not-basic",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.1",
        defect: "the response is not of the type id-pkix-ocsp-basic",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.has_bytes && r.response_type != oid::OCSP_BASIC.as_bytes());
}
