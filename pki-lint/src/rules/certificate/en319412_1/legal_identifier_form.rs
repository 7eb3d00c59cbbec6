//! `NTRMC-00S03813`: three characters of scheme, two of country, a hyphen, the identifier.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.legal-identifier-form",
        severity: Severity::Error,
        clause: "EN 319 412-1 LEG-5.1.4-02",
        defect: "the organizationIdentifier is not of the form that its semantics identifier promises",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        found.broken_if(Identifier::parse(&value).is_none());
    }
}
