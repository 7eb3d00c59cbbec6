//! Country, organisation, identifier and name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.subject-attribute-repeated",
        severity: Severity::Error,
        clause: "EN 319 412-3 LEG-4.2.1-3",
        defect: "a legal person's subject has an attribute twice that it may have once",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let once = [
        oid::AT_COUNTRY,
        oid::AT_ORGANIZATION,
        oid::AT_ORGANIZATION_IDENTIFIER,
        oid::AT_COMMON_NAME,
    ];
    for attribute in once {
        if c.kind == Kind::LegalPerson && c.subject.count(attribute) > 1 {
            found.at(Label(attribute.as_bytes()));
        }
    }
}
