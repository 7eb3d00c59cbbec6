//! Its full registered name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.subject-organization-missing",
        severity: Severity::Error,
        clause: "EN 319 412-3 LEG-4.2.1-2",
        defect: "a legal person's subject has no organizationName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::LegalPerson && !c.subject.has(oid::AT_ORGANIZATION));
}
