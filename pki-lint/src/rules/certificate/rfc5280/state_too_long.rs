//! ub-state-name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.state-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "stateOrProvinceName has more than 128 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.subject.longer(oid::AT_STATE, 128));
}
