//! esign, eseal and web are values of QcType.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-as-statement",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "a type of QcType stands as a statement of its own",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for s in c.qc.iter().flatten() {
        if [oid::QCT_ESIGN, oid::QCT_ESEAL, oid::QCT_WEB]
            .iter()
            .any(|t| s.is(*t))
        {
            found.at(Label(s.oid));
        }
    }
}
