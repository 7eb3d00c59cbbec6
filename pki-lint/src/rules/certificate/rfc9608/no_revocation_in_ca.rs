//! noRevAvail is for end entities.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc9608.no-revocation-in-ca",
        severity: Severity::Error,
        clause: "RFC 9608 section 3",
        defect: "a CA's certificate without revocation",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.is_ca() && c.has(&oid::CE_NO_REV_AVAIL));
}
