//! No client takes its answers.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.ocsp-signing-missing",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2",
        defect: "an OCSP signer lacks OCSPSigning",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::OcspSigner && !c.has_purpose(oid::KP_OCSP_SIGNING));
}
