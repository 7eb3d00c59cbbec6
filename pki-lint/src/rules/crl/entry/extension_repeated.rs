//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.extension-repeated",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2",
        defect: "an entry has an extension twice",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.duplicate_extension {
        found.at(format_args!("entry {}", entry.position));
    }
}
