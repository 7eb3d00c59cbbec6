//! No such name can be asked for.

use crate::rules::prelude::*;
use crate::syntax::dns::labels;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-label-too-long",
        severity: Severity::Error,
        clause: "RFC 1034 section 3.1",
        defect: "a label of a dNSName has more than 63 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.dns_names().any(|name| labels(name).any(|l| l.len() > 63)));
}
