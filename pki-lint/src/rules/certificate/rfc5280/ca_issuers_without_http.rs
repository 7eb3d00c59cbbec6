//! At least one should be one that software can fetch.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.ca-issuers-without-http",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.2.1",
        defect: "caIssuers has locations and none of them is an http or ldap URI",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let mut all = c.access(oid::AD_CA_ISSUERS).peekable();
    if all.peek().is_some() {
        found.broken_if(!all.any(|n| n.has_scheme(&["http", "https", "ldap", "ldaps"])));
    }
}
