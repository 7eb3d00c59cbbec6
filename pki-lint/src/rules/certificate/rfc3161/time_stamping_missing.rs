//! No verifier takes its tokens.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc3161.time-stamping-missing",
        severity: Severity::Error,
        clause: "RFC 3161 section 2.3",
        defect: "a time-stamping unit lacks timeStamping",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::TimeStampingUnit && !c.has_purpose(oid::KP_TIME_STAMPING));
}
