//! That would map everything.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-mapping-any-policy",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.5",
        defect: "a policy is mapped to or from anyPolicy",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let any = oid::ANY_POLICY.as_bytes();
    found.broken_if(
        c.mappings()
            .iter()
            .any(|(from, to)| *from == any || *to == any),
    );
}
