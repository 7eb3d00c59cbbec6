//! Nobody could learn that it was revoked.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.status-source-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.11-2, GEN-4.4.1-8",
        defect: "neither an OCSP responder nor a CRL is named",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let named = c.crl_names().next().is_some() || c.access(oid::AD_OCSP).next().is_some();
    found.broken_if(c.kind.is_person() && !named && !c.needs_no_status());
}
