//! givenName, surname or both; or pseudonym.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.subject-name-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.2.4-1",
        defect: "a natural person's subject has neither a name nor a pseudonym",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let s = &c.subject;
    let named = s.has(oid::AT_GIVEN_NAME) || s.has(oid::AT_SURNAME) || s.has(oid::AT_PSEUDONYM);
    found.broken_if(c.kind.is_natural() && !named);
}
