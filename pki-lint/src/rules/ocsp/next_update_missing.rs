//! Caches need to know when to ask again.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.next-update-missing",
        severity: Severity::Warning,
        clause: "RFC 5019 section 2.2.4",
        defect: "an answer has no nextUpdate",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.responses.iter().any(|s| s.next_update.is_none()));
}
