//! Validators find the issuer and the responder through it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.authority-info-access-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.4.1-2",
        defect: "authorityInfoAccess is missing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && !c.has(&oid::PE_AUTHORITY_INFO_ACCESS));
}
