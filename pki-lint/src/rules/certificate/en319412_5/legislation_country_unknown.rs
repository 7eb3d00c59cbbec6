//! Two capitals.

use crate::rules::prelude::*;
use crate::syntax::iso::is_iso_country;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.legislation-country-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.2.4",
        defect: "QcCClegislation names a country that ISO 3166-1 does not know",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(s) = c.statement(oid::QCS_CC_LEGISLATION) else {
        return;
    };
    let readable = s
        .list()
        .is_some_and(|l| l.iter().all(|t| t.tag == crate::der::PRINTABLE_STRING));
    found.broken_if(!readable || c.legislations().any(|country| !is_iso_country(country)));
}
