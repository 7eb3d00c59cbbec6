//! A key that signs certificates should not decrypt for strangers.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.rsa-ca-enciphers",
        severity: Severity::Warning,
        clause: "RFC 3279 section 2.3.1",
        defect: "an RSA CA has keyEncipherment or dataEncipherment",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let bits = bit::KEY_ENCIPHERMENT | bit::DATA_ENCIPHERMENT;
    let signs = bit::KEY_CERT_SIGN | bit::CRL_SIGN;
    found.broken_if(c.key.is_rsa() && c.is_ca() && c.usage() & signs != 0 && c.usage() & bits != 0);
}
