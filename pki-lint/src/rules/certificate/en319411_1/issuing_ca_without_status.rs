//! Its own revocation could not be learnt.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319411-1.issuing-ca-without-status",
        severity: Severity::Warning,
        clause: "EN 319 411-1 clause 6.6.1",
        defect: "an issuing CA names neither a CRL nor an OCSP responder",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let named = c.has(&oid::CE_CRL_DISTRIBUTION_POINTS) || c.access(oid::AD_OCSP).next().is_some();
    found.broken_if(c.kind == Kind::IssuingCa && !named);
}
