//! A nR; B nR and dS; C dS; D dS with kE or kA; E kE or kA; F nR and dS with kE or kA.

use super::setting::Setting;
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.key-usage-setting-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.3.2-1",
        defect: "keyUsage is none of the settings A to F",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if c.kind.is_person() && c.key_usage.is_some() {
        found.broken_if(Setting::of(c.usage()).is_none());
    }
}
