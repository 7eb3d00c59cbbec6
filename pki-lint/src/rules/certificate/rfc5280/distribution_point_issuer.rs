//! An indirect CRL is found by its issuer's name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.distribution-point-issuer",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.13",
        defect: "cRLIssuer has no distinguished name",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let points = c.crl_points.iter().chain(&c.freshest).flatten();
    let named = |names: &Vec<GeneralName<'_>>| names.iter().any(|n| n.is_filled_directory_name());
    found.broken_if(
        points
            .filter_map(|p| p.crl_issuer.as_ref())
            .any(|n| !named(n)),
    );
}
