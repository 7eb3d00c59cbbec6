//! Nobody agrees on what these look like, and string preparation refuses them.

use crate::rules::prelude::*;
use crate::syntax::characters::is_prohibited;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-character-prohibited",
        severity: Severity::Error,
        clause: "RFC 5280 section 7.1, RFC 4518 section 2.4",
        defect: "a subject attribute has private-use characters, non-characters or U+FFFD",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.text().is_some_and(|text| text.chars().any(is_prohibited)) {
            found.at(a.label());
        }
    }
}
