//! ub-street-address.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.street-too-long",
        severity: Severity::Error,
        clause: "X.520 annex C",
        defect: "streetAddress has more than 128 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject.longer(oid::AT_STREET, 128));
}
