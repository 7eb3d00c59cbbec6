//! Clients compare it with what they asked; a hash they cannot compute they did not ask for.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.certificate-id-hash-unknown",
        severity: Severity::Warning,
        clause: "RFC 6960 section 4.3",
        defect: "a CertID is hashed with something else than SHA-1 or SHA-2",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let known = [oid::SHA1, oid::SHA256, oid::SHA384, oid::SHA512];
    for single in &r.responses {
        found.broken_if(!known.iter().any(|oid| oid.as_bytes() == single.hash));
    }
}
