//! The list says today that a certificate will have been revoked tomorrow.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.date-in-the-future",
        severity: Severity::Warning,
        clause: "RFC 5280 section 5.1.2.6",
        defect: "a revocation date is later than thisUpdate",
        since: None,
    },
    check,
};

fn check(scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    let at = entry.revoked_at.and_then(|t| t.at);
    if let (Some(at), Some(this_update)) = (at, scope.this_update)
        && at > this_update
    {
        found.at(format_args!("entry {}", entry.position));
    }
}
