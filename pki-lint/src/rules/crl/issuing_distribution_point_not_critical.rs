//! Who does not understand that a list is partial must not take it for the whole.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuing-distribution-point-not-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.5",
        defect: "issuingDistributionPoint is not critical",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let point = crl.extension(&oid::CE_ISSUING_DISTRIBUTION_POINT);
    found.broken_if(point.is_some_and(|e| !e.critical()));
}
