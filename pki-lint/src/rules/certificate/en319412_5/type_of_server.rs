//! Browsers and validators read QcType.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-of-server",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "a qualified certificate for serverAuth is not of the type web",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let server = c.has_purpose(oid::KP_SERVER_AUTH) && c.states(oid::QCS_TYPE);
    found.broken_if(server && !c.has_qc_type(oid::QCT_WEB));
}
