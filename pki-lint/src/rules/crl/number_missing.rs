//! Without it nobody knows which of two lists is newer.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.number-missing",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.3",
        defect: "cRLNumber is missing",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.number.is_none());
}
