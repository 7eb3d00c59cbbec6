//! Reasons alone lead nowhere.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.distribution-point-incomplete",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.13",
        defect: "a distribution point has neither a name nor an issuer",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let points = c.crl_points.iter().chain(&c.freshest).flatten();
    found.broken_if(
        points
            .into_iter()
            .any(|p| !p.named && p.crl_issuer.is_none()),
    );
}
