//! A certificate is revoked once. Where entries are sorted, every repetition is found.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.serial-repeated",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.6",
        defect: "two entries in a row have the same serial number",
        since: None,
    },
    check,
};

fn check(scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.repeated && !scope.indirect {
        found.at(format_args!("entry {}", entry.position));
    }
}
