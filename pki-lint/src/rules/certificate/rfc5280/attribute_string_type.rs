//! UTF8String or PrintableString; the others only where a name was in use before 2004.

use crate::der::{BMP_STRING, PRINTABLE_STRING, TELETEX_STRING, UNIVERSAL_STRING, UTF8_STRING};
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.attribute-string-type",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.4",
        defect: "an attribute is neither UTF8String nor PrintableString in a new name",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let old = [TELETEX_STRING, BMP_STRING, UNIVERSAL_STRING];
    for a in &c.subject.attributes {
        let wrong = is_directory_string(a.oid) && ![UTF8_STRING, PRINTABLE_STRING].contains(&a.tag);
        if wrong || old.contains(&a.tag) {
            found.at(a.label());
        }
    }
}

/// Whether X.520 gives it the syntax DirectoryString, which has neither IA5String nor NumericString.
fn is_directory_string(oid: &[u8]) -> bool {
    // 2.5.4: the names of people, places and organisations, and what describes them.
    matches!(oid, [0x55, 4, 3 | 4 | 7..=13 | 15 | 17 | 42..=44 | 65 | 97])
}
