//! A limit is at least nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.limit-value-negative",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.3.2",
        defect: "QcLimitValue has a negative amount or exponent",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let negative = |t: Tlv<'_>| t.value.first().is_none_or(|b| b & 0x80 != 0);
    if let Some([_, amount, exponent]) = c.limit() {
        found.broken_if(negative(amount) || negative(exponent));
    }
}
