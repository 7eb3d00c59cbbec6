//! Who knows no deltas must still be able to use the base.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.freshest-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.6",
        defect: "freshestCRL is critical",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.has_critical(&oid::CE_FRESHEST_CRL));
}
