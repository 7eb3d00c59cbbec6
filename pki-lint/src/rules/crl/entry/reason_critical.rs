//! Nobody must refuse a list over a reason.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.reason-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.1",
        defect: "an entry's reason is critical",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.reason_critical {
        found.at(format_args!("entry {}", entry.position));
    }
}
