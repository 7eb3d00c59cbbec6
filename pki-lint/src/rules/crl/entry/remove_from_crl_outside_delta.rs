//! On a whole list the entry itself would be gone.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.remove-from-crl-outside-delta",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.1",
        defect: "removeFromCRL on a list that is no delta",
        since: None,
    },
    check,
};

fn check(scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.reason == Some(8) && !scope.delta {
        found.at(format_args!("entry {}", entry.position));
    }
}
