//! No certificate has such a number; a responder that echoes it never looked.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.serial-not-positive",
        severity: Severity::Notice,
        clause: "RFC 5280 section 4.1.2.2",
        defect: "an answer is about a serial number that is not positive or has more than 20 octets",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for single in &r.responses {
        let wrong = match single.serial {
            [] | [0] => true,
            [first, ..] => first & 0x80 != 0 || single.serial.len() > 20,
        };
        found.broken_if(wrong);
    }
}
