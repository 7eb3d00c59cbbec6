//! It says what is on the list besides; who does not know it may use the list.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.expired-certs-critical",
        severity: Severity::Error,
        clause: "X.509 clause 9.5.2.8",
        defect: "expiredCertsOnCRL is critical",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.has_critical(&oid::CE_EXPIRED_CERTS_ON_CRL));
}
