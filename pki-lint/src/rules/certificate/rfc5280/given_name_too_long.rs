//! ub-name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.given-name-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "givenName has more than 32768 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject.longer(oid::AT_GIVEN_NAME, 32_768));
}
