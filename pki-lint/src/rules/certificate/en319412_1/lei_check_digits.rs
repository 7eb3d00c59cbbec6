//! Twenty characters that are 1 modulo 97.

use crate::rules::prelude::*;
use crate::syntax::identifier::{Identifier, lei_is_valid};

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.lei-check-digits",
        severity: Severity::Error,
        clause: "ISO 17442, EN 319 412-1 LEG-5.1.4-03",
        defect: "the organizationIdentifier is an LEI with wrong check digits",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        let wrong = |i: Identifier<'_>| i.scheme == "LEI" && !lei_is_valid(i.number);
        found.broken_if(Identifier::parse(&value).is_some_and(wrong));
    }
}
