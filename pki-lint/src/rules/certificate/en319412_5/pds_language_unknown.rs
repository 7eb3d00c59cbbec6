//! Two letters.

use crate::rules::prelude::*;
use crate::syntax::iso::is_language;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-language-unknown",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.3.4",
        defect: "QcPDS has a language that ISO 639-1 does not know",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for (_, language) in c.pds() {
        found.broken_if(!is_language(&language.to_ascii_lowercase()));
    }
}
