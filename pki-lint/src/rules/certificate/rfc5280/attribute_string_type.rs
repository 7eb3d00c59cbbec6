//! UTF8String or PrintableString; the others only where a name was in use before 2004.

use crate::der::{BMP_STRING, TELETEX_STRING, UNIVERSAL_STRING};
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.attribute-string-type",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.4",
        defect: "an attribute is a TeletexString, BMPString or UniversalString in a new name",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let old = [TELETEX_STRING, BMP_STRING, UNIVERSAL_STRING];
    for a in c.subject.attributes.iter().filter(|a| old.contains(&a.tag)) {
        found.at(a.label());
    }
}
