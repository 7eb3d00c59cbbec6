//! accessLocation must be a uniformResourceIdentifier.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.ocsp-location-not-uri",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.2.1",
        defect: "an OCSP location is no URI",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.access(oid::AD_OCSP).any(|n| n.form != GeneralName::URI));
}
