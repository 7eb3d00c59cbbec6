//! The attributes of one RDN have one order in DER.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.set-not-sorted",
        severity: Severity::Error,
        clause: "X.690 clause 11.6",
        defect: "the elements of a SET OF are not in order",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::SetOrder).for_each(|d| found.at(d));
}
