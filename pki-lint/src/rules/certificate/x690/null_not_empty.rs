//! NULL says nothing, and has room for nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.null-not-empty",
        severity: Severity::Error,
        clause: "X.690 clause 8.8",
        defect: "a NULL has contents",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Null).for_each(|d| found.at(d));
}
