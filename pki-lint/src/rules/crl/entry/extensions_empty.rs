//! Extensions is a SEQUENCE of at least one.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.extensions-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3",
        defect: "an entry's extensions are there and empty",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.extensions.is_some_and(<[u8]>::is_empty) {
        found.at(format_args!("entry {}", entry.position));
    }
}
