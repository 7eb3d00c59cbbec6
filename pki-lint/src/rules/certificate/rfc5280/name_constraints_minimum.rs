//! The field is not used with any name form.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-minimum",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "a name constraint has a minimum other than zero",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let set = |n: &[u8]| n.iter().any(|b| *b != 0);
    found.broken_if(c.subtrees().iter().any(|s| s.minimum.is_some_and(set)));
}
