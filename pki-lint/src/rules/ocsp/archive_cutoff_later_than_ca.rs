//! Ended certificates keep their status from the CA's first day on.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.archive-cutoff-later-than-ca",
        severity: Severity::Warning,
        clause: "EN 319 411-2 CSS-6.3.10-08",
        defect: "archiveCutoff is later than the beginning of the CA's certificate",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let Some(start) = r.ca.and_then(|ca| ca.not_before).and_then(|t| t.at) else {
        return;
    };
    for single in &r.responses {
        if let Some(e) = single.extension(&oid::OCSP_ARCHIVE_CUTOFF) {
            let cutoff = e.tlv().and_then(|t| Instant::new(t).at);
            found.broken_if(cutoff.is_some_and(|at| at > start));
        }
    }
}
