//! An identifier tells two organisations of one name apart.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.issuer-identifier-is-name",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.2.3.1-3",
        defect: "the issuer's organizationIdentifier is its organizationName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let identifier = c.issuer.first(oid::AT_ORGANIZATION_IDENTIFIER);
    let name = c.issuer.first(oid::AT_ORGANIZATION);
    let same = identifier
        .zip(name)
        .is_some_and(|(i, n)| i.value == n.value);
    found.broken_if(c.kind.is_person() && same);
}
