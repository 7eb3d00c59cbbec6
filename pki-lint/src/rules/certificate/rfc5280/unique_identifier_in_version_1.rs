//! They came with version 2.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.unique-identifier-in-version-1",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.8",
        defect: "a version 1 certificate has a unique identifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.version < 2 && (c.issuer_unique_id || c.subject_unique_id));
}
