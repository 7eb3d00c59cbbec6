//! Octet for octet: relying parties look a CRL up by this name.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.issuer-mismatch",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.3",
        defect: "the issuer is not the subject of the CA's certificate",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let Some(ca) = crl.ca {
        found.broken_if(ca.subject.raw != crl.issuer.raw);
    }
}
