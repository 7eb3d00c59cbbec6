//! A key that has ended answers for nothing.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.signer-not-valid-yet-or-any-more",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2",
        defect: "the delegated responder's certificate was not valid at producedAt",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let produced = r.produced_at.and_then(|t| t.at);
    let at = |t: Option<Instant<'_>>| t.and_then(|t| t.at);
    if let (Some(signer), Some(produced)) = (r.signer(), produced)
        && let (Some(start), Some(end)) = (at(signer.not_before), at(signer.not_after))
    {
        found.broken_if(produced < start || produced > end);
    }
}
