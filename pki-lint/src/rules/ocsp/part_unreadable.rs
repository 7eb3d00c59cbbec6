//! What has not the shape that the ASN.1 module gives it is skipped by one client and fatal to the
//! next.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.part-unreadable",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.1",
        defect: "a part of the response cannot be read",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for problem in &r.problems {
        found.at(problem.part);
    }
}
