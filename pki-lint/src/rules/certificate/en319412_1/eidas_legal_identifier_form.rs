//! At most 256 characters, none of them blank.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.eidas-legal-identifier-form",
        severity: Severity::Error,
        clause: "EN 319 412-1 LEG-5.1.6-03",
        defect: "the organizationIdentifier is no eIDAS legal person identifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_EIDAS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        found.broken_if(value.chars().count() > 256 || value.contains(char::is_whitespace));
    }
}
