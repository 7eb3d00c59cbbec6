//! Unused bits are a place to hide changes in.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.bit-string-padding",
        severity: Severity::Error,
        clause: "X.690 clause 11.2.1",
        defect: "the unused bits of a BIT STRING are not zero",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::BitString).for_each(|d| found.at(d));
}
