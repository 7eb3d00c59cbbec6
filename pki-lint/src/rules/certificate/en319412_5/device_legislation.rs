//! Under which law the device was certified, where that is not EU law.

use crate::rules::prelude::*;
use crate::syntax::iso::is_iso_country;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.device-legislation",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.6",
        defect: "QcQSCDlegislation is no list of countries",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(s) = c.statement(oid::QCS_QSCD_LEGISLATION) else {
        return;
    };
    let country = |t: &Tlv<'_>| core::str::from_utf8(t.value).is_ok_and(is_iso_country);
    found.broken_if(
        !s.list()
            .is_some_and(|l| !l.is_empty() && l.iter().all(country)),
    );
}
