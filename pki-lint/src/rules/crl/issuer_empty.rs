//! A CRL without an issuer belongs to nobody.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuer-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.3",
        defect: "the issuer is empty",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.issuer.attributes.is_empty());
}
