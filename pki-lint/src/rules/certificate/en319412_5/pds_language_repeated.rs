//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-language-repeated",
        severity: Severity::Warning,
        clause: "EN 319 412-5 clause 4.3.4",
        defect: "QcPDS has two locations in one language",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let all: Vec<_> = c.pds().collect();
    for (i, (_, language)) in all.iter().enumerate().take(64) {
        found.broken_if(
            all[..i]
                .iter()
                .any(|(_, earlier)| earlier.eq_ignore_ascii_case(language)),
        );
    }
}
