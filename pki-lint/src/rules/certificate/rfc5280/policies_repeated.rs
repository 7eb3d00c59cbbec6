//! Which qualifiers count?

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policies-repeated",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a policy occurs twice",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let policies = c.policies.as_deref().unwrap_or_default();
    for (i, p) in policies.iter().enumerate().take(256) {
        if policies[..i].iter().any(|earlier| earlier.oid == p.oid) {
            found.at(Label(p.oid));
        }
    }
}
