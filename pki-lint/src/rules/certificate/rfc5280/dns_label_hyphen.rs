//! The preferred name syntax has letters and digits there.

use crate::rules::prelude::*;
use crate::syntax::dns::labels;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-label-hyphen",
        severity: Severity::Error,
        clause: "RFC 1034 section 3.5",
        defect: "a label of a dNSName begins or ends with a hyphen",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let hyphen = |l: &str| l.starts_with('-') || l.ends_with('-');
    found.broken_if(c.dns_names().any(|name| labels(name).any(hyphen)));
}
