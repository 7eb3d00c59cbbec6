//! One should be there.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.qualified-policy-missing",
        severity: Severity::Warning,
        clause: "EN 319 412-5 QCS-5.2-1",
        defect: "an EU qualified certificate has none of the QCP policies",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.is_eu_qualified() && c.qcp_policies().next().is_none());
}
