//! A relying party that stops there does not see the entries after it.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.unreadable",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1",
        defect: "an entry cannot be read",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.broken {
        found.at(format_args!("entry {}", entry.position));
    }
}
