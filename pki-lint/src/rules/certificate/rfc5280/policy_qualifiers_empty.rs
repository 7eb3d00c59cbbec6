//! A list that is there has something in it.

use crate::rules::prelude::*;
use crate::view::Policy;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-qualifiers-empty",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.2",
        defect: "a policy has an empty list of qualifiers",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let empty = |p: &Policy<'_>| p.has_qualifiers && p.qualifiers.is_empty();
    found.broken_if(c.policies.iter().flatten().any(empty));
}
