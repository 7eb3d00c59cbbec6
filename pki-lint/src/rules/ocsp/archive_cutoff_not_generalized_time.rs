//! A date, and nothing else.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.archive-cutoff-not-generalized-time",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.4.4",
        defect: "archiveCutoff is no GeneralizedTime in UTC",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for single in &r.responses {
        if let Some(e) = single.extension(&oid::OCSP_ARCHIVE_CUTOFF) {
            let right = |t: Tlv<'_>| t.tag == 0x18 && Instant::new(t).is_der();
            found.broken_if(!e.tlv().is_some_and(right));
        }
    }
}
