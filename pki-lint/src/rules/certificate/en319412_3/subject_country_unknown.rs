//! Two capitals.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-3.subject-country-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-3 LEG-4.2.1-4",
        defect: "the subject's countryName is no ISO 3166-1 code",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::LegalPerson && !c.subject.has_iso_country());
}
