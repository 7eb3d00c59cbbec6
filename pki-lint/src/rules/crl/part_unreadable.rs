//! What has not the shape that the ASN.1 module gives it is skipped by one relying party and fatal
//! to the next.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.part-unreadable",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1",
        defect: "a part of the CRL cannot be read",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    for problem in &crl.problems {
        found.at(problem.part);
    }
}
