//! Both must allow a use; where they share none, the key is for nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extended-key-usage-inconsistent",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.12",
        defect: "keyUsage has no bit that goes with extKeyUsage, or one that goes with none of its purposes",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const SIGNS: u16 = bit::DIGITAL_SIGNATURE | bit::NON_REPUDIATION;
    const AGREES: u16 = bit::KEY_AGREEMENT | bit::ENCIPHER_ONLY | bit::DECIPHER_ONLY;
    const SERVER: u16 = bit::DIGITAL_SIGNATURE | bit::KEY_ENCIPHERMENT | AGREES;
    const PURPOSES: [(oid::ObjectIdentifier, u16); 7] = [
        (oid::KP_SERVER_AUTH, SERVER),
        (oid::KP_CLIENT_AUTH, bit::DIGITAL_SIGNATURE | AGREES),
        (oid::KP_CODE_SIGNING, bit::DIGITAL_SIGNATURE),
        (
            oid::KP_EMAIL_PROTECTION,
            SIGNS | bit::KEY_ENCIPHERMENT | AGREES,
        ),
        (oid::KP_TIME_STAMPING, SIGNS),
        (oid::KP_OCSP_SIGNING, SIGNS),
        (oid::KP_DOCUMENT_SIGNING, SIGNS),
    ];
    let (Some(purposes), Some(usage)) = (&c.extended_key_usage, c.key_usage) else {
        return;
    };
    if c.is_ca() || purposes.is_empty() {
        return;
    }
    let mut allowed = 0;
    for purpose in purposes {
        match PURPOSES
            .iter()
            .find(|(known, _)| known.as_bytes() == *purpose)
        {
            Some((_, bits)) => allowed |= bits,
            // Of other purposes nobody knows which bits they need.
            None => return,
        }
    }
    found.broken_if(usage.bits & allowed == 0 || usage.bits & !allowed != 0);
}
