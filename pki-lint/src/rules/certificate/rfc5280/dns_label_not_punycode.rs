//! Software shows what it decodes to.

use crate::rules::prelude::*;
use crate::syntax::dns::{is_unicode, labels};

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-label-not-punycode",
        severity: Severity::Error,
        clause: "RFC 5890 section 2.3.2.1",
        defect: "an xn-- label of a dNSName is the Punycode of nothing",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.dns_names().any(|name| !labels(name).all(is_unicode)));
}
