//! Software that follows X.520 may cut it. EN 319 412-2 NAT-4.2.4-18 lifts it for persons.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.given-name-long",
        severity: Severity::Warning,
        clause: "X.520 annex C",
        defect: "givenName has more than 64 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.kind.is_person() && c.subject.longer(oid::AT_GIVEN_NAME, 64));
}
