//! The trusted list names providers by it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.issuer-identifier-missing",
        severity: Severity::Notice,
        clause: "EN 319 412-2 GEN-4.2.3.1-8",
        defect: "the issuer of a qualified certificate has no organizationIdentifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let missing = !c.issuer.has(oid::AT_ORGANIZATION_IDENTIFIER);
    found.broken_if(c.kind.is_person() && c.is_qualified() && missing);
}
