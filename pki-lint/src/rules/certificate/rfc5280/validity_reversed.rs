//! It is never valid.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.validity-reversed",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.5",
        defect: "the certificate ends before it begins",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let at = |t: Option<Instant<'_>>| t.and_then(|t| t.at);
    if let (Some(start), Some(end)) = (at(c.not_before), at(c.not_after)) {
        found.broken_if(end <= start);
    }
}
