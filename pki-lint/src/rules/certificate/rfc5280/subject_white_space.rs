//! White space at the ends, and more than one space between words, is nothing to who compares names.

use crate::rules::prelude::*;
use crate::syntax::characters::has_idle_space;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-white-space",
        severity: Severity::Warning,
        clause: "RFC 5280 section 7.1, RFC 4518 section 2.6.1",
        defect: "a subject attribute begins or ends with white space, or has it twice in a row",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.text().is_some_and(|text| has_idle_space(&text)) {
            found.at(a.label());
        }
    }
}
