//! The client asked, and is told nothing.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.successful-without-response",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.1",
        defect: "responseStatus is successful and there is no response",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.status == Some(0) && !r.has_bytes);
}
