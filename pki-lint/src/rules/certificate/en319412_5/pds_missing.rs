//! Where the disclosure statement is.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-missing",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-5-01, clause 4.3.4",
        defect: "an EU qualified certificate has no QcPDS",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.kind.is_ca() && c.is_eu_qualified() && !c.states(oid::QCS_PDS));
}
