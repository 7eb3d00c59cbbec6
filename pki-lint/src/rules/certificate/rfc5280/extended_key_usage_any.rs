//! It takes back what the other purposes restrict.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extended-key-usage-any",
        severity: Severity::Notice,
        clause: "RFC 5280 section 4.2.1.12",
        defect: "extKeyUsage has anyExtendedKeyUsage",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_purpose(oid::ANY_EXTENDED_KEY_USAGE));
}
