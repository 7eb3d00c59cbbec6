//! Such a list is out of date when it appears.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.next-update-not-later",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.5",
        defect: "nextUpdate is not later than thisUpdate",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let at = |t: Option<Instant<'_>>| t.and_then(|t| t.at);
    if let (Some(this), Some(next)) = (at(crl.this_update), at(crl.next_update)) {
        found.broken_if(next <= this);
    }
}
