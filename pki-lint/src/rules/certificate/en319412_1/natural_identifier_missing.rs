//! The statement speaks of an attribute that is not there.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.natural-identifier-missing",
        severity: Severity::Warning,
        clause: "EN 319 412-1 NAT-5.1.3-01",
        defect: "the semantics of a serialNumber are given and there is none",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let said =
        c.has_semantics(oid::SEMANTICS_NATURAL) || c.has_semantics(oid::SEMANTICS_EIDAS_NATURAL);
    found.broken_if(said && !c.subject.has(oid::AT_SERIAL_NUMBER));
}
