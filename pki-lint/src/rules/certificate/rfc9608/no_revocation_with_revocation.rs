//! Either there is a status, or there is none.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc9608.no-revocation-with-revocation",
        severity: Severity::Error,
        clause: "RFC 9608 section 3",
        defect: "a certificate without revocation names a CRL or an OCSP responder",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let none = c.has(&oid::CE_NO_REV_AVAIL) || c.has(&oid::EXT_VALASSURED_SHORT_TERM);
    let points = c.has(&oid::CE_CRL_DISTRIBUTION_POINTS) || c.has(&oid::CE_FRESHEST_CRL);
    found.broken_if(none && (points || c.access(oid::AD_OCSP).next().is_some()));
}
