//! A seal is nobody's signature.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.subject-of-a-person",
        severity: Severity::Error,
        clause: "EN 319 412-3 clause 4.2.1",
        defect: "a legal person's subject has a person's name",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let s = &c.subject;
    let named = s.has(oid::AT_GIVEN_NAME) || s.has(oid::AT_SURNAME) || s.has(oid::AT_PSEUDONYM);
    found.broken_if(c.kind == Kind::LegalPerson && named);
}
