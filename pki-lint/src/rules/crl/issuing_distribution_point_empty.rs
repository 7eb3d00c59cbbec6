//! An empty SEQUENCE: the list is partial, and nobody learns how.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuing-distribution-point-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.5",
        defect: "issuingDistributionPoint says nothing",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let Some(scope) = &crl.scope {
        let says =
            scope.named || scope.some_reasons || scope.indirect || scope.only.contains(&true);
        found.broken_if(!says);
    }
}
