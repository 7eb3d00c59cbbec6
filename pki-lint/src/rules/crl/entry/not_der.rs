//! Serial numbers are compared octet for octet.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.not-der",
        severity: Severity::Error,
        clause: "X.690 clauses 8, 10 and 11",
        defect: "an entry is not DER",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.not_der {
        found.at(format_args!("entry {}", entry.position));
    }
}
