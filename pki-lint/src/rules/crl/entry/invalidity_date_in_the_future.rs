//! What is known to have happened happened before.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.invalidity-date-in-the-future",
        severity: Severity::Warning,
        clause: "RFC 5280 section 5.3.2",
        defect: "an invalidity date lies after the CRL's thisUpdate",
        since: None,
    },
    check,
};

fn check(scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    let invalid = entry.invalidity.and_then(|t| t.at);
    if invalid
        .zip(scope.this_update)
        .is_some_and(|(at, made)| at > made)
    {
        found.at(format_args!("entry {}", entry.position));
    }
}
