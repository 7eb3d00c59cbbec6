//! There are other ways to learn a status.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.distribution-points-critical",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.11-5",
        defect: "cRLDistributionPoints is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.has_critical(&oid::CE_CRL_DISTRIBUTION_POINTS));
}
