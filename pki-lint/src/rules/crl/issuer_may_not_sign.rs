//! A relying party refuses such a CRL.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuer-may-not-sign",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "the CA's certificate has keyUsage without cRLSign",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let usage = crl.ca.and_then(|ca| ca.key_usage);
    found.broken_if(usage.is_some_and(|usage| !usage.any(bit::CRL_SIGN)));
}
