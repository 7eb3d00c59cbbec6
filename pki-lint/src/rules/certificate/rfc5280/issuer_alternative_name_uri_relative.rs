//! A scheme and a scheme-specific part: there is nothing here to be relative to.

use crate::rules::prelude::*;
use crate::view::scheme_specific;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-alternative-name-uri-relative",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.7",
        defect: "a URI of issuerAltName is relative or has nothing after its scheme",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let whole = |n: GeneralName<'_>| {
        n.uri()
            .and_then(scheme_specific)
            .is_some_and(|r| !r.trim_matches('/').is_empty())
    };
    found.broken_if(
        c.issuer_names(GeneralName::URI)
            .any(|n| n.value.is_ascii() && !whole(n)),
    );
}
