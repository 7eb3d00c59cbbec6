//! Every string of appendix A has at least one character; white space alone says nothing.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.attribute-empty",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "an attribute of the subject is empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.value.is_empty() || a.text().is_some_and(|text| text.trim().is_empty()) {
            found.at(a.label());
        }
    }
}
