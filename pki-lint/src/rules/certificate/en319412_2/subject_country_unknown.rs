//! Two capitals.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.subject-country-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.2.4-5, RFC 5280 appendix A.1",
        defect: "the subject's countryName is no ISO 3166-1 code",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_natural() && !c.subject.has_iso_country());
}
