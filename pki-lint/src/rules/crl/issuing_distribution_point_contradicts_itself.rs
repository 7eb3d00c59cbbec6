//! Nothing can be all of that.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuing-distribution-point-contradicts-itself",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.5",
        defect: "issuingDistributionPoint has more than one of onlyContainsUserCerts, onlyContainsCACerts and onlyContainsAttributeCerts",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let Some(scope) = &crl.scope {
        found.broken_if(scope.only.iter().filter(|set| **set).count() > 1);
    }
}
