//! One at least covers all reasons, or some revocations are never seen.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.distribution-point-reasons",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.13",
        defect: "every distribution point is for some reasons only",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let points = c.crl_points.as_deref().unwrap_or_default();
    found.broken_if(!points.is_empty() && points.iter().all(|p| p.reasons));
}
