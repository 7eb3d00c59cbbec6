//! Each issuerDomainPolicy should be asserted as well.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-mapping-of-absent-policy",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.5",
        defect: "a policy is mapped that certificatePolicies does not have",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for (from, _) in c.mappings() {
        let all = oid::ANY_POLICY.as_bytes();
        let asserted = c
            .policies
            .iter()
            .flatten()
            .any(|p| p.oid == from || p.oid == all);
        if !asserted {
            found.at(Label(from));
        }
    }
}
