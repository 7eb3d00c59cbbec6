//! Nothing outlives its CA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.validity-beyond-issuer",
        severity: Severity::Error,
        clause: "RFC 5280 section 6.1.3, EN 319 411-1 clause 6.3.3",
        defect: "the validity is not within that of the CA's certificate",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(ca) = c.ca else {
        return;
    };
    let at = |t: Option<Instant<'_>>| t.and_then(|t| t.at);
    let ours = (at(c.not_before), at(c.not_after));
    let theirs = (at(ca.not_before), at(ca.not_after));
    if let ((Some(start), Some(end)), (Some(first), Some(last))) = (ours, theirs) {
        found.broken_if(start < first || end > last);
    }
}
