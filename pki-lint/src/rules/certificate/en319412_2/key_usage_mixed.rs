//! Setting A is preferred: who logs in with a key may be made to sign with it.

use super::setting::Setting;
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.key-usage-mixed",
        severity: Severity::Warning,
        clause: "EN 319 412-2 NAT-4.3.2-3",
        defect: "nonRepudiation is mixed with another key usage",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let mixed = matches!(Setting::of(c.usage()), Some(Setting::B | Setting::F));
    found.broken_if(c.kind.is_natural() && mixed);
}
