//! It is compared with the certificates' distribution points, which are of that kind.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuing-distribution-point-without-http",
        severity: Severity::Warning,
        clause: "EN 319 412-2 GEN-4.3.11-4",
        defect: "issuingDistributionPoint has names and none of them is an http or ldap URI",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let Some(scope) = &crl.scope {
        let reachable = scope.names.iter().any(|n| n.has_scheme(&["http", "ldap"]));
        found.broken_if(!scope.names.is_empty() && !reachable);
    }
}
