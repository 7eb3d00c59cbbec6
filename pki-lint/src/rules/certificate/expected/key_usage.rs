//! What the key may be used for was decided when the profile was.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.key-usage",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "keyUsage differs from the profile",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let expected = c.expected.and_then(|e| e.key_usage);
    found.broken_if(expected.is_some_and(|bits| bits != c.usage()));
}
