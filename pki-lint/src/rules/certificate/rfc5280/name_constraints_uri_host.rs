//! It is compared with the host part, so an address or a whole URI matches nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-uri-host",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "a name constraint on URIs is no host or domain name",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for s in c
        .subtrees()
        .iter()
        .filter(|s| s.base.form == GeneralName::URI)
    {
        let host = s
            .base
            .ascii()
            .map(|text| text.strip_prefix('.').unwrap_or(text));
        found.broken_if(!host.is_some_and(crate::view::is_fqdn));
    }
}
