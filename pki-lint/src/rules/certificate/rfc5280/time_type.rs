//! Two ways to write a date are one too many.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.time-type",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.5",
        defect: "a validity date is not UTCTime through 2049 and GeneralizedTime after",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for time in [c.not_before, c.not_after].into_iter().flatten() {
        found.broken_if(!time.has_the_type_of_its_year());
    }
}
