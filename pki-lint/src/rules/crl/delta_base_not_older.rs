//! A delta adds to a list with a smaller number.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.delta-base-not-older",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.4",
        defect: "the base of a delta CRL is not older than the delta",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let (Some(number), Some(base)) = (crl.number, crl.base_number) {
        found.broken_if((base.len(), base) >= (number.len(), number));
    }
}
