//! Software that does not know it would refuse the whole list.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.invalidity-date-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.2",
        defect: "invalidityDate is critical",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.invalidity_critical {
        found.at(format_args!("entry {}", entry.position));
    }
}
