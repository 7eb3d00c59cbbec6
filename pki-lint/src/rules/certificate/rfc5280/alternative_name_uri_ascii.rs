//! Other scripts are percent-encoded.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.alternative-name-uri-ascii",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.6",
        defect: "a URI of subjectAltName is no IA5String",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.alt_names(GeneralName::URI).any(|n| !n.value.is_ascii()));
}
