//! A certificate under its CA's own name is taken for the CA's own, as in a key rollover, and
//! escapes path length and name constraints. Only generations of one CA may share theirs.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.self-issued",
        severity: Severity::Error,
        clause: "RFC 5280 sections 3.2 and 6.1.4",
        defect: "the subject is the name of the CA itself",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(ca) = c.ca else {
        return;
    };
    let rollover = match c.expected {
        Some(expected) => expected.subject_name == SubjectName::OfItsIssuer,
        None => c.is_ca(),
    };
    found.broken_if(c.subject.raw == ca.subject.raw && !rollover);
}
