//! A serial number with a superfluous zero is another octet string, and the same number.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.integer-not-minimal",
        severity: Severity::Error,
        clause: "X.690 clause 8.3.2",
        defect: "an INTEGER has no or superfluous octets",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Integer).for_each(|d| found.at(d));
}
