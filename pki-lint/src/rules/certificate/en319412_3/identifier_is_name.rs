//! An identifier tells two organisations of one name apart.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.identifier-is-name",
        severity: Severity::Error,
        clause: "EN 319 412-3 LEG-4.2.1-6",
        defect: "organizationIdentifier is the same as organizationName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let identifier = c.subject.first(oid::AT_ORGANIZATION_IDENTIFIER);
    let name = c.subject.first(oid::AT_ORGANIZATION);
    let same = identifier
        .zip(name)
        .is_some_and(|(i, n)| i.value == n.value);
    found.broken_if(c.kind == Kind::LegalPerson && same);
}
