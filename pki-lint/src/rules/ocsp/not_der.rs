//! A signature covers octets, and DER has only one spelling for a value.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.not-der",
        severity: Severity::Error,
        clause: "X.690 clauses 8, 10 and 11",
        defect: "a part of the response is not DER",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(!r.defects.is_empty());
}
