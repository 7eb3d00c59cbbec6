//! Setting A is preferred: who logs in with a key may be made to seal with it.

use crate::rules::certificate::en319412_2::setting::Setting;
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.key-usage-mixed",
        severity: Severity::Warning,
        clause: "EN 319 412-3 LEG-4.3.1-4",
        defect: "nonRepudiation is mixed with another key usage",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let mixed = matches!(Setting::of(c.usage()), Some(Setting::B | Setting::F));
    found.broken_if(c.kind == Kind::LegalPerson && mixed);
}
