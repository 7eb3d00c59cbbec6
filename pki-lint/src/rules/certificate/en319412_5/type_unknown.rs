//! There are three.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "QcType has a type that is none of esign, eseal and web",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let known = [oid::QCT_ESIGN, oid::QCT_ESEAL, oid::QCT_WEB];
    for t in c.qc_types() {
        if !known.iter().any(|k| k.as_bytes() == t) {
            found.at(Label(t));
        }
    }
}
