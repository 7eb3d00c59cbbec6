//! Signing and key agreement.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.ec-end-entity-key-usage",
        severity: Severity::Notice,
        clause: "RFC 8813 section 3",
        defect: "an EC end entity has a key usage that EC end entities have no use for",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let bits = bit::DIGITAL_SIGNATURE
        | bit::NON_REPUDIATION
        | bit::KEY_AGREEMENT
        | bit::ENCIPHER_ONLY
        | bit::DECIPHER_ONLY;
    found.broken_if(c.key.is_ec() && !c.is_ca() && c.usage() & !bits != 0);
}
