//! CRLs and OCSP name a certificate by it, and software takes it for unsigned.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.serial-number-not-positive",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.2",
        defect: "the serial number is zero or negative",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let wrong = match c.serial {
        [] => true,
        [first, ..] => first & 0x80 != 0 || c.serial.iter().all(|b| *b == 0),
    };
    found.broken_if(wrong);
}
