//! That form is for devices that nobody can reach any more; whoever signs for people has an end.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.validity-endless",
        severity: Severity::Error,
        clause: "EN 319 412-2 clause 4.2.3.2, RFC 5280 section 4.1.2.5",
        defect: "the certificate has no end (99991231235959Z)",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.not_after.is_some_and(|t| t.is_endless()));
}
