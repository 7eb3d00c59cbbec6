//! Everything else is read differently by different software.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.date-encoding",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.6",
        defect: "a revocation date is not UTCTime through 2049 and GeneralizedTime after, to the second, in UTC",
        since: None,
    },
    check,
};

fn check(_scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    let wrong = |t: Instant<'_>| !t.is_der() || !t.has_the_type_of_its_year();
    if entry.revoked_at.is_some_and(wrong) {
        found.at(format_args!("entry {}", entry.position));
    }
}
