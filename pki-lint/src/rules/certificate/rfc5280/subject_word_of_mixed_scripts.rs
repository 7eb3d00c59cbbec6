//! A Cyrillic letter in a Latin word looks like somebody else's name.

use crate::rules::prelude::*;
use crate::syntax::characters::mixes_scripts;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-word-of-mixed-scripts",
        severity: Severity::Warning,
        clause: "UTS 39 section 5.1",
        defect: "a word of a subject attribute mixes Latin, Greek, Cyrillic or Armenian letters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.text().is_some_and(|text| mixes_scripts(&text)) {
            found.at(a.label());
        }
    }
}
