//! One key, one purpose.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc3161.time-stamping-not-alone",
        severity: Severity::Error,
        clause: "RFC 3161 section 2.3",
        defect: "a time-stamping unit has another purpose besides timeStamping",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let alone = c.extended_key_usage.as_ref().is_some_and(|p| p.len() == 1);
    found.broken_if(c.has_purpose(oid::KP_TIME_STAMPING) && !alone);
}
