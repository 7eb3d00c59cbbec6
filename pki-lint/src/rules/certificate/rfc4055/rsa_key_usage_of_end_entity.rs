//! Signing, key and data encipherment.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.rsa-key-usage-of-end-entity",
        severity: Severity::Error,
        clause: "RFC 3279 section 2.3.1",
        defect: "an RSA end entity has a key usage that RSA end entities cannot have",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let bits = bit::DIGITAL_SIGNATURE
        | bit::NON_REPUDIATION
        | bit::KEY_ENCIPHERMENT
        | bit::DATA_ENCIPHERMENT;
    found.broken_if(c.key.is_rsa() && !c.is_ca() && c.usage() & !bits != 0);
}
