//! No certificate has such a number.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.serial-not-positive",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.2",
        defect: "an entry's serial number is not positive or has more than 20 octets",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    let wrong = match entry.serial {
        [] => !entry.broken,
        [0] => true,
        [first, ..] => first & 0x80 != 0 || entry.serial.len() > 20,
    };
    if wrong {
        found.at(format_args!("entry {}", entry.position));
    }
}
