//! At least one should be one that software can fetch.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.distribution-point-without-http",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.13",
        defect: "a distribution point has names and none of them is an http or ldap URI",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for p in c.crl_points.iter().flatten().filter(|p| p.named) {
        let reachable = p
            .full_names
            .iter()
            .any(|n| n.has_scheme(&["http", "https", "ldap", "ldaps"]));
        found.broken_if(!reachable);
    }
}
