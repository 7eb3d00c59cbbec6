//! Nobody must be able to change the statement on its way.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-not-https",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.3.4",
        defect: "QcPDS has a URL that is not https",
        since: Some("2020-04-01"),
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for (url, _) in c.pds() {
        found.broken_if(
            !url.get(..8)
                .is_some_and(|s| s.eq_ignore_ascii_case("https://")),
        );
    }
}
