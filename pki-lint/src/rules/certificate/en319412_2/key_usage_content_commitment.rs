//! Qualified signatures bind the person, and only nonRepudiation says so.

use super::setting::Setting;
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.key-usage-content-commitment",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.3.2-2",
        defect: "a certificate for content commitment has not the settings A, B or F",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let committing = c.is_for(QualifiedUse::Signature);
    let right = matches!(
        Setting::of(c.usage()),
        Some(Setting::A | Setting::B | Setting::F)
    );
    found.broken_if(c.kind.is_natural() && committing && c.key_usage.is_some() && !right);
}
