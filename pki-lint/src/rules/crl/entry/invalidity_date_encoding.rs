//! Here UTCTime is wrong in every year.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.invalidity-date-encoding",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.2",
        defect: "an invalidity date is no GeneralizedTime to the second in UTC",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry
        .invalidity
        .is_some_and(|t| t.tag != 0x18 || !t.is_der())
    {
        found.at(format_args!("entry {}", entry.position));
    }
}
