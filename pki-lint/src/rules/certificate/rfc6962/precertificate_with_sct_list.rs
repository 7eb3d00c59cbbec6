//! It is what they are asked for.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6962.precertificate-with-sct-list",
        severity: Severity::Error,
        clause: "RFC 6962 section 3.1",
        defect: "a precertificate has signed certificate timestamps",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has(&oid::CT_POISON) && c.has(&oid::CT_SCT_LIST));
}
