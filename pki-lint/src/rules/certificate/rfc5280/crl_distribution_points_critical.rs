//! It should not be: there are other ways to learn a status.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.crl-distribution-points-critical",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.13",
        defect: "cRLDistributionPoints is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::CE_CRL_DISTRIBUTION_POINTS));
}
