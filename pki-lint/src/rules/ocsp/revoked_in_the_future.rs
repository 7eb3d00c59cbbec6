//! The responder says today that a certificate will have been revoked tomorrow.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.revoked-in-the-future",
        severity: Severity::Warning,
        clause: "RFC 6960 section 2.2",
        defect: "a revocation time is later than producedAt",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let produced = r.produced_at.and_then(|t| t.at);
    for single in &r.responses {
        if let CertStatus::Revoked { at, .. } = single.status
            && let (Some(at), Some(produced)) = (at.at, produced)
        {
            found.broken_if(at > produced);
        }
    }
}
