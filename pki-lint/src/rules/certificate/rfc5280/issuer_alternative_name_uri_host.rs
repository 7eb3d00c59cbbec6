//! URIs with an authority name a host that can be looked up.

use crate::rules::prelude::*;
use crate::view::{host, is_fqdn_or_ip};

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-alternative-name-uri-host",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.7",
        defect: "the host of a URI of issuerAltName is neither a full domain name nor an address",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let wrong = |n: GeneralName<'_>| {
        n.uri()
            .and_then(host)
            .is_some_and(|h| !h.is_empty() && !is_fqdn_or_ip(h))
    };
    found.broken_if(c.issuer_names(GeneralName::URI).any(wrong));
}
