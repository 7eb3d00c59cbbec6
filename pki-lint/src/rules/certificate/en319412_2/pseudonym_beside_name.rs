//! A pseudonym hides the name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.pseudonym-beside-name",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.2.4-4",
        defect: "a pseudonym stands beside a name",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let s = &c.subject;
    let named = s.has(oid::AT_GIVEN_NAME) || s.has(oid::AT_SURNAME);
    found.broken_if(c.kind.is_natural() && named && s.has(oid::AT_PSEUDONYM));
}
