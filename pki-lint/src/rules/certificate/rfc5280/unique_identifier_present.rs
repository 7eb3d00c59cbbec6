//! CAs must not generate them; names are not used again.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.unique-identifier-present",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.8",
        defect: "issuerUniqueID or subjectUniqueID is there",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.issuer_unique_id || c.subject_unique_id);
}
