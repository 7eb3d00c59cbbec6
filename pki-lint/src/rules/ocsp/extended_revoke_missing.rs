//! revoked, since 1970, certificateHold: that means "never issued", and only with that extension.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.extended-revoke-missing",
        severity: Severity::Error,
        clause: "RFC 6960 section 2.2",
        defect: "an answer for a certificate that was never issued lacks the extended revoked definition",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for single in &r.responses {
        if let CertStatus::Revoked {
            at,
            reason: Some(6),
        } = single.status
            && at.at == Some(0)
        {
            found.broken_if(r.extension(&oid::OCSP_EXTENDED_REVOKE).is_none());
        }
    }
}
