//! 7 is not used, 8 belongs into delta CRLs, and the last one is 10.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.reason-unknown",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.1",
        defect: "a revocation reason is none that can stand in a response",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for single in &r.responses {
        if let CertStatus::Revoked {
            reason: Some(reason),
            ..
        } = single.status
        {
            found.broken_if(matches!(reason, 7 | 8) || reason > 10);
        }
    }
}
