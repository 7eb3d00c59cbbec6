//! The status was known after the answer was signed.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.this-update-after-produced-at",
        severity: Severity::Warning,
        clause: "RFC 6960 section 2.4",
        defect: "thisUpdate is later than producedAt",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let produced = r.produced_at.and_then(|t| t.at);
    for single in &r.responses {
        if let (Some(this), Some(produced)) = (single.this_update.at, produced) {
            found.broken_if(this > produced);
        }
    }
}
