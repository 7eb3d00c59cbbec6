//! Two capitals.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.issuer-country-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.2.3.1-6",
        defect: "the issuer's countryName is no ISO 3166-1 code",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && !c.issuer.has_iso_country());
}
