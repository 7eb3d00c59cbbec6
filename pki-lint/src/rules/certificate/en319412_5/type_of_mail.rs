//! Mail is signed or sealed.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-of-mail",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "a qualified certificate for emailProtection is of the type web",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let mail = c.has_purpose(oid::KP_EMAIL_PROTECTION) && !c.has_purpose(oid::KP_SERVER_AUTH);
    found.broken_if(mail && c.has_qc_type(oid::QCT_WEB));
}
