//! Its key would be for everything.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-missing-in-ca",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "a CA has no keyUsage",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.is_ca() && c.version == 3 && !c.has(&oid::CE_KEY_USAGE));
}
