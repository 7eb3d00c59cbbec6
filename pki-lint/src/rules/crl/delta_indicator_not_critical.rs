//! Who does not understand it would take the changes for the whole list.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.delta-indicator-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.4",
        defect: "deltaCRLIndicator is not critical",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let delta = crl.extension(&oid::CE_DELTA_CRL_INDICATOR);
    found.broken_if(delta.is_some_and(|e| !e.critical()));
}
