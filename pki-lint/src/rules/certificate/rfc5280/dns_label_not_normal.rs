//! Two spellings that look the same.

use crate::rules::prelude::*;
use crate::syntax::dns::{is_normal, labels};

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-label-not-normal",
        severity: Severity::Error,
        clause: "RFC 5890 section 2.3.2.1",
        defect: "an xn-- label of a dNSName is not in normal form C",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.dns_names().any(|name| !labels(name).all(is_normal)));
}
