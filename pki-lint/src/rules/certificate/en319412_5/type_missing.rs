//! Without it a certificate is for signatures, and seals and web sites must say so.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-missing",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5-01, clause 4.2.3",
        defect: "a qualified certificate has no QcType",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let esign = c.kind.is_natural() && c.expected.is_none();
    found.broken_if(
        !c.kind.is_ca() && c.states(oid::QCS_COMPLIANCE) && !c.states(oid::QCS_TYPE) && !esign,
    );
}
