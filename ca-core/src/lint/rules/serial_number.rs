//! Serial numbers are positive, at most 20 octets, and long enough to be unpredictable.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "serial-number",
    clause: "RFC 5280 section 4.1.2.2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let serial = subject.certificate.serial();
    broken_if(
        !(9..=20).contains(&serial.len()) || serial[0] & 0x80 != 0 || serial[0] == 0,
        "the serial number is not a positive integer of 9 to 20 octets",
    )
}
