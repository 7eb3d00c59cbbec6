//! Extensions is a SEQUENCE of at least one.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.extensions-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.7",
        defect: "crlExtensions is there and empty",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.has_extensions && crl.extensions.is_empty() && crl.problems.is_empty());
}
