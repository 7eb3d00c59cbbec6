//! Country, organisation, identifier and name: one provider, one of each.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.issuer-attribute-repeated",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.2.3.1-5",
        defect: "the issuer has an attribute twice that it may have once",
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
        if c.kind.is_person() && c.issuer.count(attribute) > 1 {
            found.at(Label(attribute.as_bytes()));
        }
    }
}
