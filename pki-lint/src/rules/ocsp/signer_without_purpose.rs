//! A delegated responder's certificate has OCSPSigning; the CA's own certificate is not sent.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.signer-without-purpose",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2",
        defect: "there are certificates in the response and none of them is for OCSP signing",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let own = |c: &Certificate<'_>| r.ca.is_some_and(|ca| ca.der == c.der);
    let some = !r.certificates.is_empty();
    found.broken_if(some && r.signer().is_none() && !r.certificates.iter().any(own));
}
