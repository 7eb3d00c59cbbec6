//! Nobody acts on it, and some refuse it.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.hold-instruction",
        severity: Severity::Warning,
        clause: "RFC 5280 section 5.3",
        defect: "an entry has holdInstructionCode, which RFC 5280 took away",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.hold_instruction {
        found.at(format_args!("entry {}", entry.position));
    }
}
