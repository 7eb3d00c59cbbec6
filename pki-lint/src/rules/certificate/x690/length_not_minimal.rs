//! DER writes every length in the fewest octets, so that equal values are equal octets.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.length-not-minimal",
        severity: Severity::Error,
        clause: "X.690 clause 10.1",
        defect: "a length has more octets than it needs",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Length).for_each(|d| found.at(d));
}
