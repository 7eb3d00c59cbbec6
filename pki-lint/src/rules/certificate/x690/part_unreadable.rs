//! What has not the shape that the ASN.1 module gives it is skipped by one relying party and fatal
//! to the next.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.part-unreadable",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1",
        defect: "a part of the certificate cannot be read",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for problem in &c.problems {
        found.at(problem.part);
    }
}
