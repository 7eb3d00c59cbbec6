//! The number means something in its country; LEIs are XG's.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.legal-identifier-country",
        severity: Severity::Error,
        clause: "EN 319 412-1 LEG-5.1.4-03",
        defect: "the organizationIdentifier names a country that ISO 3166-1 does not know",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        found.broken_if(Identifier::parse(&value).is_some_and(|i| !i.has_country()));
    }
}
