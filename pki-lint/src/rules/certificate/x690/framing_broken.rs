//! Indefinite lengths are BER, and values never run past the one they stand in.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.framing-broken",
        severity: Severity::Error,
        clause: "X.690 clause 8.1",
        defect: "something is no value of definite length",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Framing).for_each(|d| found.at(d));
}
