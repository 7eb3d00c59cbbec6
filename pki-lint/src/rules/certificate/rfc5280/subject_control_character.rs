//! A line break or a NUL makes one name look like another.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-control-character",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.6",
        defect: "a subject attribute has characters that cannot be printed",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.text()
            .is_some_and(|text| text.chars().any(char::is_control))
        {
            found.at(a.label());
        }
    }
}
