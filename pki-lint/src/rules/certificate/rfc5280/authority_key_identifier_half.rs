//! Only both together name a certificate.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.authority-key-identifier-half",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.1",
        defect: "authorityKeyIdentifier has an issuer without a serial number, or the reverse",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.authority_key_id
            .is_some_and(|a| a.issuer.is_some() != a.serial.is_some()),
    );
}
