//! Where there is nothing to say, the reason is left out.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.reason-unspecified",
        severity: Severity::Warning,
        clause: "RFC 5280 section 5.3.1",
        defect: "a revocation reason is written and is unspecified",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let unspecified = |status: CertStatus<'_>| {
        matches!(
            status,
            CertStatus::Revoked {
                reason: Some(0),
                ..
            }
        )
    };
    found.broken_if(r.responses.iter().any(|s| unspecified(s.status)));
}
