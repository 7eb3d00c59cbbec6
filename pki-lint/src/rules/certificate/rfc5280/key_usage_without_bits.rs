//! At least one of the bits must be set.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-without-bits",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "keyUsage allows nothing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.key_usage.is_some_and(|usage| usage.bits == 0));
}
