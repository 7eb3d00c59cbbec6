//! Which unit it is.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319422.subject-common-name-missing",
        severity: Severity::Error,
        clause: "EN 319 422 clause 6",
        defect: "a time-stamping unit's subject has no commonName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::TimeStampingUnit && !c.subject.has(oid::AT_COMMON_NAME));
}
