//! Directly by that CA, and with that CA's name.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.signer-of-another-issuer",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2",
        defect: "the delegated responder's certificate was not issued by the CA it answers for",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    if let (Some(signer), Some(ca)) = (r.signer(), r.ca) {
        found.broken_if(signer.issuer.raw != ca.subject.raw);
    }
}
