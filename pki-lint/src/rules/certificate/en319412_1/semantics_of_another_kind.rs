//! A seal's identifier is an organisation's, a person's signature certificate a person's.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.semantics-of-another-kind",
        severity: Severity::Error,
        clause: "EN 319 412-1 clause 5.1",
        defect: "the semantics identifier is that of another kind of person",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let natural =
        c.has_semantics(oid::SEMANTICS_NATURAL) || c.has_semantics(oid::SEMANTICS_EIDAS_NATURAL);
    let legal =
        c.has_semantics(oid::SEMANTICS_LEGAL) || c.has_semantics(oid::SEMANTICS_EIDAS_LEGAL);
    // A person may stand for an organisation, and its identifier be the one that is explained.
    let person = c.kind.is_natural() && !c.subject.has(oid::AT_ORGANIZATION_IDENTIFIER);
    found.broken_if((c.kind == Kind::LegalPerson && natural) || (person && legal));
}
