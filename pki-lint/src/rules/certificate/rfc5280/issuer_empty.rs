//! Nobody can find who issued it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.issuer-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.4",
        defect: "the issuer is empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.issuer.attributes.is_empty());
}
