//! It should have one, so that its certificates for one key can be told.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-key-identifier-missing",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.2",
        defect: "an end entity has no subjectKeyIdentifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.is_ca() && c.version == 3 && !c.has(&oid::CE_SUBJECT_KEY_IDENTIFIER));
}
