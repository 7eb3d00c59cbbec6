//! Each is an IA5String with the URL and a PrintableString of two letters with the language.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-unreadable",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.3.4",
        defect: "QcPDS is no list of locations",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(s) = c.statement(oid::QCS_PDS) else {
        return;
    };
    let listed = s.list().map_or(0, |l| l.len());
    found.broken_if(listed == 0 || c.pds().count() != listed);
}
