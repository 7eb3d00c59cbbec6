//! Such an answer is out of date when it arrives.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.next-update-not-later",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.1",
        defect: "nextUpdate is not later than thisUpdate",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for single in &r.responses {
        if let (Some(this), Some(next)) =
            (single.this_update.at, single.next_update.and_then(|t| t.at))
        {
            found.broken_if(next <= this);
        }
    }
}
