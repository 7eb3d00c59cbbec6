//! One certificate, one purpose, since version 2.5.1.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-not-alone",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "QcType has more than one type",
        since: Some("2025-05-01"),
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.qc_types().count() > 1);
}
