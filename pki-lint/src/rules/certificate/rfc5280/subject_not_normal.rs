//! The same letters in two spellings are two certificates for one name.

use crate::rules::prelude::*;
use unicode_normalization::is_nfc;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-not-normal",
        severity: Severity::Notice,
        clause: "RFC 5280 section 7.1, RFC 4518 section 2.3",
        defect: "a subject attribute is not in normal form C",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in &c.subject.attributes {
        if a.text().is_some_and(|text| !is_nfc(&text)) {
            found.at(a.label());
        }
    }
}
