//! Who does not know the purpose must not take its signatures for others.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc3161.time-stamping-not-critical",
        severity: Severity::Error,
        clause: "RFC 3161 section 2.3",
        defect: "a time-stamping unit's extKeyUsage is not critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found
        .broken_if(c.has_purpose(oid::KP_TIME_STAMPING) && !c.has_critical(&oid::CE_EXT_KEY_USAGE));
}
