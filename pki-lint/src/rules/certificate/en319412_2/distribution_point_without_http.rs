//! At least one is.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.distribution-point-without-http",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.11-4",
        defect: "no distribution point is an http or ldap URI",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let mut names = c.crl_names();
    let there = c.has(&oid::CE_CRL_DISTRIBUTION_POINTS);
    found.broken_if(c.kind.is_person() && there && !names.any(|n| n.has_scheme(&["http", "ldap"])));
}
