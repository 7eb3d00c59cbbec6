//! Nobody would ever learn that it was revoked.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.no-check-outside-ocsp-signer",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2.1",
        defect: "id-pkix-ocsp-nocheck in a certificate that is no OCSP signer's",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has(&oid::OCSP_NO_CHECK) && !c.has_purpose(oid::KP_OCSP_SIGNING));
}
