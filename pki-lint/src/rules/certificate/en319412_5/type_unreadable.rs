//! A SEQUENCE OF OBJECT IDENTIFIER with at least one in it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-unreadable",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "QcType is no list of OIDs",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(s) = c.statement(oid::QCS_TYPE) else {
        return;
    };
    let right =
        |list: Vec<Tlv<'_>>| !list.is_empty() && list.iter().all(|t| t.tag == crate::der::OID);
    found.broken_if(!s.list().is_some_and(right));
}
