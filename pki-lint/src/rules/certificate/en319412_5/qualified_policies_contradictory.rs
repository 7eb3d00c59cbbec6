//! For a person or an organisation, in a device or not: one of them is true.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.qualified-policies-contradictory",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5.2-1",
        defect: "two QCP policies",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.qcp_policies().count() > 1);
}
