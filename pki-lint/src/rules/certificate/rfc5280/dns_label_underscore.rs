//! The preferred name syntax has letters, digits and hyphens.

use crate::rules::prelude::*;
use crate::syntax::dns::labels;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-label-underscore",
        severity: Severity::Error,
        clause: "RFC 1034 section 3.5, RFC 5280 section 4.2.1.6",
        defect: "a label of a dNSName has an underscore",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.dns_names()
            .any(|name| labels(name).any(|l| l.contains('_'))),
    );
}
