//! It says how far back the answer about one certificate reaches.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.archive-cutoff-misplaced",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.4.4",
        defect: "archiveCutoff is no extension of a single response",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.extension(&oid::OCSP_ARCHIVE_CUTOFF).is_some());
}
