//! A named bit list ends with its last bit that is set.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-trailing-zeros",
        severity: Severity::Error,
        clause: "X.690 clause 11.2.2",
        defect: "keyUsage has superfluous octets",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let Some([_, .., last]) = c.key_usage.map(|usage| usage.written) {
        found.broken_if(*last == 0);
    }
}
