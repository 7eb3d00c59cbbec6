//! 64 bits of a random generator keep a chosen-prefix collision away.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319411-1.serial-number-short",
        severity: Severity::Warning,
        clause: "EN 319 411-1 clause 6.3.3, CA/Browser Forum ballot 164",
        defect: "the serial number has fewer than eight octets",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.serial.len() < 8);
}
