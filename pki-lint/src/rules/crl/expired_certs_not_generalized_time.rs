//! The day from which on ended certificates stay.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.expired-certs-not-generalized-time",
        severity: Severity::Error,
        clause: "X.509 clause 9.5.2.8",
        defect: "expiredCertsOnCRL is no GeneralizedTime in UTC",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    if let Some(e) = crl.extension(&oid::CE_EXPIRED_CERTS_ON_CRL) {
        let right = |t: Tlv<'_>| t.tag == 0x18 && Instant::new(t).is_der();
        found.broken_if(!e.tlv().is_some_and(right));
    }
}
