//! Who does not know them asks for a status in vain, and no more.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc9608.short-term-critical",
        severity: Severity::Error,
        clause: "EN 319 412-1 clause 5.2, RFC 9608 section 3",
        defect: "valassured-ST-certs or noRevAvail is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for known in [oid::EXT_VALASSURED_SHORT_TERM, oid::CE_NO_REV_AVAIL] {
        if c.has_critical(&known) {
            found.at(Label(known.as_bytes()));
        }
    }
}
