//! DER has no constructed strings.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.form-wrong",
        severity: Severity::Error,
        clause: "X.690 clauses 8.9 and 10.2",
        defect: "a value is constructed that must be primitive, or the reverse",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Form).for_each(|d| found.at(d));
}
