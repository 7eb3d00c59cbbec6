//! A person maps nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.policy-mappings-present",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.4-1",
        defect: "policyMappings is for CA certificates",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.kind.is_ca() && c.etsi_rules() && c.has(&oid::CE_POLICY_MAPPINGS));
}
