//! The statement speaks of an attribute that is not there.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.legal-identifier-missing",
        severity: Severity::Error,
        clause: "EN 319 412-1 LEG-5.1.4-01",
        defect: "the semantics of an organizationIdentifier are given and there is none",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let said = c.has_semantics(oid::SEMANTICS_LEGAL) || c.has_semantics(oid::SEMANTICS_EIDAS_LEGAL);
    found.broken_if(said && !c.subject.has(oid::AT_ORGANIZATION_IDENTIFIER));
}
