//! Identifiers of persons and organisations say how they are to be read.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.semantics",
        severity: Severity::Error,
        clause: "EN 319 412-1 clause 5.1",
        defect: "the semantics identifier is missing or of another kind of person",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(expected) = c.expected else {
        return;
    };
    let wanted = match expected.kind {
        Kind::LegalPerson => [oid::SEMANTICS_LEGAL, oid::SEMANTICS_EIDAS_LEGAL],
        kind if kind.is_natural() => [oid::SEMANTICS_NATURAL, oid::SEMANTICS_EIDAS_NATURAL],
        _ => return,
    };
    found.broken_if(!wanted.iter().any(|w| c.has_semantics(*w)));
}
