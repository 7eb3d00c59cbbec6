//! Who knows no deltas must still be able to use the base.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.freshest-crl-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.15",
        defect: "freshestCRL is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::CE_FRESHEST_CRL));
}
