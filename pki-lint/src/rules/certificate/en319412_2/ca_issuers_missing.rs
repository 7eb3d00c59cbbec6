//! Validators find the issuer's certificate through it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.ca-issuers-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.4.1-3",
        defect: "authorityInfoAccess has no caIssuers",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let there = c.has(&oid::PE_AUTHORITY_INFO_ACCESS);
    found.broken_if(c.kind.is_person() && there && c.access(oid::AD_CA_ISSUERS).next().is_none());
}
