//! 4 is not used, and the last one is 6.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.status-unknown",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.1",
        defect: "responseStatus is none of the six",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.status.is_none_or(|s| s == 4 || s > 6));
}
