//! ub-postal-code-length.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.postal-code-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "postalCode has more than 16 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject.longer(oid::AT_POSTAL_CODE, 16));
}
