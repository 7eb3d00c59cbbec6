//! There is no fourth.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.version-unknown",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.1",
        defect: "the version is none of 1, 2 and 3",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!(1..=3).contains(&c.version));
}
