//! 7 is not used, and the last one is 10.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.reason-unknown",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.1",
        defect: "an entry's reason is none of the ten",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.reason.is_some_and(|r| r == 7 || r > 10) {
        found.at(format_args!("entry {}", entry.position));
    }
}
