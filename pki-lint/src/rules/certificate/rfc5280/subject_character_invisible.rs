//! Two names that differ in these only are the same to who compares them, and to who reads them.

use crate::rules::prelude::*;
use crate::syntax::characters::is_invisible;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-character-invisible",
        severity: Severity::Warning,
        clause: "RFC 5280 section 7.1, RFC 4518 section 2.2",
        defect: "a subject attribute has characters that nobody sees",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.text().is_some_and(|text| text.chars().any(is_invisible)) {
            found.at(a.label());
        }
    }
}
