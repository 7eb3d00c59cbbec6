//! Everything else is read differently by different software.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.time-encoding",
        severity: Severity::Error,
        clause: "RFC 5280 sections 5.1.2.4 and 5.1.2.5",
        defect: "thisUpdate or nextUpdate is not UTCTime through 2049 and GeneralizedTime after, to the second, in UTC",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    for time in [crl.this_update, crl.next_update].into_iter().flatten() {
        found.broken_if(!time.is_der() || !time.has_the_type_of_its_year());
    }
}
