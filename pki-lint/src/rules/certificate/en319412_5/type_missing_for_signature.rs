//! It may leave it out, and then readers have to guess.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-missing-for-signature",
        severity: Severity::Warning,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "a qualified certificate for signatures has no QcType",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let guess = c.kind.is_natural() && c.expected.is_none();
    found.broken_if(guess && c.states(oid::QCS_COMPLIANCE) && !c.states(oid::QCS_TYPE));
}
