//! A named bit list ends with its last bit that is set.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-unused-bits",
        severity: Severity::Error,
        clause: "X.690 clause 11.2.2",
        defect: "the number of unused bits of keyUsage is not the smallest",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let Some([unused, .., last]) = c.key_usage.map(|usage| usage.written) {
        found.broken_if(*last != 0 && u32::from(*unused) != last.trailing_zeros());
    }
}
