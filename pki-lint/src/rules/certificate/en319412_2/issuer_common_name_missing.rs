//! What the CA is called.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.issuer-common-name-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.2.3.1-2",
        defect: "the issuer has no commonName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.etsi_issuer() && !c.issuer.has(oid::AT_COMMON_NAME));
}
