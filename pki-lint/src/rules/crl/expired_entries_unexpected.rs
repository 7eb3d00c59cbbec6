//! Where ended certificates stay, the list says so, and it says so only then.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.expired-entries-unexpected",
        severity: Severity::Error,
        clause: "EN 319 411-2 CSS-6.3.10",
        defect: "expiredCertsOnCRL does not fit what was decided about ended certificates",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    use crate::context::ExpiredEntries;
    let Some(expected) = crl.expected.expired else {
        return;
    };
    let kept = expected == ExpiredEntries::Kept;
    found.broken_if(kept != crl.has(&oid::CE_EXPIRED_CERTS_ON_CRL));
}
