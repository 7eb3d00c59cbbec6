//! KeyHash is SHA-1 whatever the CertID uses.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.responder-key-hash-not-sha1",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.1",
        defect: "the responderID's key hash has not the 20 octets of SHA-1",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.by_key.is_some_and(|hash| hash.len() != 20));
}
