//! Software that does not know it would use the key for anything.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-not-critical",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "keyUsage is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_uncritical(&oid::CE_KEY_USAGE));
}
