//! ub-serial-number.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.serial-number-attribute-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "the serialNumber attribute has more than 64 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject.longer(oid::AT_SERIAL_NUMBER, 64));
}
