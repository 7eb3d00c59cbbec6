//! A statement that relying parties everywhere can read.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-without-english",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.3.4",
        defect: "an EU qualified certificate's QcPDS has no English",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let english = c
        .pds()
        .any(|(_, language)| language.eq_ignore_ascii_case("en"));
    found.broken_if(c.is_eu_qualified() && c.states(oid::QCS_PDS) && !english);
}
