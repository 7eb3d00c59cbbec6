//! Relying parties need not cope with more.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.number-out-of-range",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.3",
        defect: "cRLNumber is negative or has more than 20 octets",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let wrong = |n: &[u8]| n.len() > 20 || n.first().is_none_or(|b| b & 0x80 != 0);
    found.broken_if(crl.number.is_some_and(wrong));
}
