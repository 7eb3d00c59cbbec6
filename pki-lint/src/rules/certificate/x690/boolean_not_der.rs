//! Other octets mean TRUE in BER and nothing in DER.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.boolean-not-der",
        severity: Severity::Error,
        clause: "X.690 clause 11.1",
        defect: "a BOOLEAN is neither 00 nor FF",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Boolean).for_each(|d| found.at(d));
}
