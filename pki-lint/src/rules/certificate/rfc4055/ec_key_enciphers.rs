//! Elliptic curves sign and agree.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.ec-key-enciphers",
        severity: Severity::Error,
        clause: "RFC 8813 section 3",
        defect: "an EC key has keyEncipherment or dataEncipherment",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let bits = bit::KEY_ENCIPHERMENT | bit::DATA_ENCIPHERMENT;
    found.broken_if(c.key.is_ec() && c.usage() & bits != 0);
}
