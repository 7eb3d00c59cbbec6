//! They say everything by being there.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc9608.short-term-not-null",
        severity: Severity::Error,
        clause: "EN 319 412-1 clause 5.2, RFC 9608 section 3",
        defect: "valassured-ST-certs or noRevAvail has a value other than NULL",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for known in [oid::EXT_VALASSURED_SHORT_TERM, oid::CE_NO_REV_AVAIL] {
        if let Some(e) = c.extension(&known)
            && e.value != [5, 0]
        {
            found.at(Label(e.oid));
        }
    }
}
