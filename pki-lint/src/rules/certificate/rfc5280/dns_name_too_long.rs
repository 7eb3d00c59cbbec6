//! No such name can be asked for.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-name-too-long",
        severity: Severity::Error,
        clause: "RFC 1034 section 3.1",
        defect: "a dNSName has more than 253 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.alt_names(GeneralName::DNS).any(|n| n.value.len() > 253));
}
