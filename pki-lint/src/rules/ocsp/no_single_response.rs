//! There is one SingleResponse at least.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.no-single-response",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.1",
        defect: "the response answers for no certificate",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.produced_at.is_some() && r.responses.is_empty() && r.problems.is_empty());
}
