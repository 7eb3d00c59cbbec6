//! RSA agrees on nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.rsa-key-usage-of-ca",
        severity: Severity::Error,
        clause: "RFC 3279 section 2.3.1",
        defect: "an RSA CA has keyAgreement, encipherOnly or decipherOnly",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let bits = bit::KEY_AGREEMENT | bit::ENCIPHER_ONLY | bit::DECIPHER_ONLY;
    found.broken_if(c.key.is_rsa() && c.is_ca() && c.usage() & bits != 0);
}
