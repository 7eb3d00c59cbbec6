//! Its holder could answer for the CA.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.extended-key-usage-of-services",
        severity: Severity::Error,
        clause: "RFC 3161 section 2.3, RFC 6960 section 4.2.2.2",
        defect: "a person's certificate is for time-stamping or OCSP signing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let service = c.has_purpose(oid::KP_TIME_STAMPING) || c.has_purpose(oid::KP_OCSP_SIGNING);
    found.broken_if(c.kind.is_person() && service);
}
