//! Two dots in a row, or one at an end.

use crate::rules::prelude::*;
use crate::syntax::dns::labels;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-name-empty-label",
        severity: Severity::Error,
        clause: "RFC 1034 section 3.5",
        defect: "a dNSName has an empty label",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for name in c.dns_names() {
        found.broken_if(labels(name).any(str::is_empty) && name != " ");
    }
}
