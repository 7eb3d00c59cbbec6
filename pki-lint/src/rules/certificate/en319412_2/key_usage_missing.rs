//! Persons' keys are for signing, logging in or encryption, never for whatever comes.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.key-usage-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.3.2-1",
        defect: "keyUsage is missing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && !c.has(&oid::CE_KEY_USAGE));
}
