//! IPv4 or IPv6, without a mask.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.alternative-name-ip-length",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.6",
        defect: "an iPAddress of subjectAltName has neither four nor sixteen octets",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.alt_names(GeneralName::IP)
            .any(|n| !matches!(n.value.len(), 4 | 16)),
    );
}
