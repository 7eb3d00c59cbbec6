//! Relying parties need not cope with more.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.serial-number-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.2",
        defect: "the serial number has more than 20 octets",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.serial.len() > 20);
}
