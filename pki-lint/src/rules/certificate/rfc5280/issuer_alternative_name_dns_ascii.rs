//! Other scripts are written in Punycode.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-alternative-name-dns-ascii",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.7",
        defect: "a dNSName of issuerAltName is no IA5String",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.issuer_names(GeneralName::DNS)
            .any(|n| !n.value.is_ascii()),
    );
}
