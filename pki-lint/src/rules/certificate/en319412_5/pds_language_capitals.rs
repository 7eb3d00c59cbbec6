//! ISO 639-1 writes languages small, and countries large.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-language-capitals",
        severity: Severity::Warning,
        clause: "EN 319 412-5 GEN-4.3.4",
        defect: "QcPDS has a language in capitals",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for (_, language) in c.pds() {
        found.broken_if(language.bytes().any(|b| b.is_ascii_uppercase()));
    }
}
