//! There is no delta of a delta.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.delta-has-freshest",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.6",
        defect: "a delta CRL has freshestCRL",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.is_delta() && crl.has(&oid::CE_FRESHEST_CRL));
}
