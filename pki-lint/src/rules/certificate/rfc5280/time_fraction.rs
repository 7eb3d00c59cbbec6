//! GeneralizedTime values must not include them.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.time-fraction",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.5.2",
        defect: "a validity date has a fraction of a second",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for time in [c.not_before, c.not_after].into_iter().flatten() {
        found.broken_if(time.written.iter().any(|b| matches!(b, b'.' | b',')));
    }
}
