//! One own policy, at most one ETSI policy, and nothing a subscriber did not agree to.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.policies",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.4, QCS-5.2-1",
        defect: "certificatePolicies does not hold the policies of the profile, in its order",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(policies) = c.expected.and_then(|e| e.policies.as_ref()) else {
        return;
    };
    let written = c.policies.iter().flatten().map(|p| p.oid);
    found.broken_if(!written.eq(policies.iter().map(|p| p.as_bytes())));
}
