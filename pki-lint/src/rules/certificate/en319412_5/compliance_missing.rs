//! A type, a device or a qualified policy claims nothing without it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.compliance-missing",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5-01, clause 4.2.1",
        defect: "QcCompliance is missing where something says that the certificate is qualified",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let said = c.states(oid::QCS_TYPE)
        || c.states(oid::QCS_SSCD)
        || c.states(oid::QCS_CC_LEGISLATION)
        || c.states(oid::QCS_PDS)
        || c.states(oid::QCS_IDENT_METHOD)
        || c.qcp_policies().next().is_some();
    found.broken_if(!c.kind.is_ca() && said && !c.states(oid::QCS_COMPLIANCE));
}
