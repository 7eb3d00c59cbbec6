//! Without it their meaning is undefined.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.agreement-bits-without-agreement",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "encipherOnly or decipherOnly is set without keyAgreement",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let only = bit::ENCIPHER_ONLY | bit::DECIPHER_ONLY;
    found.broken_if(c.usage() & only != 0 && c.usage() & bit::KEY_AGREEMENT == 0);
}
