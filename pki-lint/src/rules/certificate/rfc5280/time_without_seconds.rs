//! BER lets them out, DER does not.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.time-without-seconds",
        severity: Severity::Error,
        clause: "RFC 5280 sections 4.1.2.5.1 and 4.1.2.5.2",
        defect: "a validity date is written without seconds",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for time in [c.not_before, c.not_after].into_iter().flatten() {
        found.broken_if(!time.has_seconds());
    }
}
