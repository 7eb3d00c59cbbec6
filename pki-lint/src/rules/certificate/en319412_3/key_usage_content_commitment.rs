//! Seals commit the organisation, and only nonRepudiation says so.

use crate::rules::certificate::en319412_2::setting::Setting;
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.key-usage-content-commitment",
        severity: Severity::Error,
        clause: "EN 319 412-3 LEG-4.3.1-3",
        defect: "a seal's certificate has not the settings A, B or F",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let committing = c.is_for(QualifiedUse::Seal);
    let right = matches!(
        Setting::of(c.usage()),
        Some(Setting::A | Setting::B | Setting::F)
    );
    found.broken_if(c.kind == Kind::LegalPerson && committing && c.key_usage.is_some() && !right);
}
