//! Both ends count (RFC 5280 section 4.1.2.5).

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.validity",
        severity: Severity::Error,
        clause: "EN 319 411-1 clause 6.3.3",
        defect: "the certificate is valid for longer than the profile allows",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let days = c.expected.and_then(|e| e.maximum_days);
    if let (Some(days), Some(seconds)) = (days, c.seconds()) {
        found.broken_if(seconds > i64::from(days) * 86_400);
    }
}
