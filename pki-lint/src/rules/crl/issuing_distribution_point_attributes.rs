//! There are no attribute certificates in this profile.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuing-distribution-point-attributes",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.5",
        defect: "issuingDistributionPoint says that the CRL is about attribute certificates only",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.scope.as_ref().is_some_and(|s| s.only[2]));
}
