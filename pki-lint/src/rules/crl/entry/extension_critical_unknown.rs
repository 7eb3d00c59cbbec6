//! They must not use the whole list then.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.extension-critical-unknown",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3",
        defect: "an entry has a critical extension that relying parties need not know",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.unknown_critical {
        found.at(format_args!("entry {}", entry.position));
    }
}
