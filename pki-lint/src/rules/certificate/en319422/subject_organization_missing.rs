//! The provider's full registered name.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319422.subject-organization-missing",
        severity: Severity::Error,
        clause: "EN 319 422 clause 6",
        defect: "a time-stamping unit's subject has no organizationName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::TimeStampingUnit && !c.subject.has(oid::AT_ORGANIZATION));
}
