//! Without it a list is believed for ever.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.next-update-missing",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.5",
        defect: "nextUpdate is missing",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.next_update.is_none());
}
