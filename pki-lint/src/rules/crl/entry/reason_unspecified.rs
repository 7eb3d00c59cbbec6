//! Where there is nothing to say, the extension is left out.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.reason-unspecified",
        severity: Severity::Warning,
        clause: "RFC 5280 section 5.3.1",
        defect: "an entry's reason is written and is unspecified",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.reason == Some(0) {
        found.at(format_args!("entry {}", entry.position));
    }
}
