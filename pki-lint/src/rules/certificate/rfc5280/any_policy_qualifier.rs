//! Only those two go with it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.any-policy-qualifier",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "anyPolicy has a qualifier that is neither a CPS pointer nor a user notice",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let allowed = [oid::QT_CPS, oid::QT_UNOTICE];
    for p in c.policies.iter().flatten() {
        let strange =
            |q: &crate::view::Qualifier<'_>| !allowed.iter().any(|a| a.as_bytes() == q.oid);
        found.broken_if(p.oid == oid::ANY_POLICY.as_bytes() && p.qualifiers.iter().any(strange));
    }
}
