//! Whether bytes are DER (X.690 clauses 8, 10 and 11), for types that need no schema: lengths,
//! BOOLEAN, INTEGER, BIT STRING padding, OBJECT IDENTIFIER, SET OF order, string alphabets, times.
//! What needs the schema (default values, named bit lists) is left to rules.

use crate::der::{
    BIT_STRING, BMP_STRING, BOOLEAN, ENUMERATED, GENERALIZED_TIME, IA5_STRING, INTEGER, NULL,
    NUMERIC_STRING, OID, PRINTABLE_STRING, SEQUENCE, SET, Tlv, UNIVERSAL_STRING, UTC_TIME,
    UTF8_STRING, VISIBLE_STRING,
};

/// A place that is not DER.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Defect {
    /// What is wrong there.
    pub(crate) what: What,
    /// Where, counted from the start of the part that was walked.
    pub(crate) offset: usize,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum What {
    /// No value of definite length.
    Framing,
    /// More length octets than needed.
    Length,
    /// A constructed string, or a primitive SEQUENCE.
    Form,
    Boolean,
    Integer,
    BitString,
    Oid,
    Null,
    SetOrder,
    Alphabet,
    Time,
    /// Too deep or too many values to go on.
    Budget,
}

impl core::fmt::Display for Defect {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "at octet {}", self.offset)
    }
}

/// The deepest nesting, and the most values in one walk. A certificate has some 200.
const DEPTH: usize = 24;
const VALUES: usize = 20_000;
/// Defects that are kept.
const KEPT: usize = 16;

/// Everything in `input` that is not DER. What is inside OCTET STRINGs is looked at on its own
/// ([`more_defects`]), since only the schema knows where that is DER again.
pub(crate) fn defects(input: &[u8]) -> Vec<Defect> {
    let mut found = Vec::new();
    more_defects(input, input, &mut found);
    found
}

/// Adds what is not DER in `part` of `whole`.
pub(crate) fn more_defects(whole: &[u8], part: &[u8], found: &mut Vec<Defect>) {
    let mut walk = Walk {
        start: whole.as_ptr() as usize,
        values: 0,
        found: core::mem::take(found),
    };
    walk.values_of(part, 0);
    *found = walk.found;
}

/// Whether `input` is DER.
pub(crate) fn is_der(input: &[u8]) -> bool {
    // No defect, no allocation.
    defects(input).is_empty()
}

struct Walk {
    start: usize,
    values: usize,
    found: Vec<Defect>,
}

impl Walk {
    fn report(&mut self, what: What, at: &[u8]) {
        if self.found.len() < KEPT {
            self.found.push(Defect {
                what,
                offset: (at.as_ptr() as usize).saturating_sub(self.start),
            });
        }
    }

    fn values_of(&mut self, mut input: &[u8], depth: usize) {
        while !input.is_empty() {
            self.values += 1;
            if depth > DEPTH || self.values > VALUES {
                if self.found.last().is_none_or(|d| d.what != What::Budget) {
                    self.report(What::Budget, input);
                }
                return;
            }
            let Some((tlv, rest)) = Tlv::read(input) else {
                self.report(What::Framing, input);
                return;
            };
            if tlv.raw.len() - tlv.value.len() != header_length(tlv.value.len()) {
                self.report(What::Length, tlv.raw);
            }
            self.value(tlv, depth);
            input = rest;
        }
    }

    fn value(&mut self, tlv: Tlv<'_>, depth: usize) {
        let universal = tlv.tag & 0xC0 == 0;
        let constructed = tlv.tag & 0x20 != 0;
        if constructed {
            if universal && tlv.tag != SEQUENCE && tlv.tag != SET {
                self.report(What::Form, tlv.raw);
            }
            self.values_of(tlv.value, depth + 1);
            if tlv.tag == SET && !set_is_sorted(tlv) {
                self.report(What::SetOrder, tlv.raw);
            }
            return;
        }
        if !universal {
            return;
        }
        let v = tlv.value;
        let fault = match tlv.tag {
            BOOLEAN => (v != [0] && v != [0xFF]).then_some(What::Boolean),
            INTEGER | ENUMERATED => (!integer_is_minimal(v)).then_some(What::Integer),
            BIT_STRING => (!bits_are_padded(v)).then_some(What::BitString),
            OID => (!oid_is_whole(v)).then_some(What::Oid),
            NULL => (!v.is_empty()).then_some(What::Null),
            0x10 | 0x11 => Some(What::Form),
            UTF8_STRING => core::str::from_utf8(v).is_err().then_some(What::Alphabet),
            PRINTABLE_STRING => (!v.iter().all(|b| is_printable(*b))).then_some(What::Alphabet),
            NUMERIC_STRING => {
                (!v.iter().all(|b| b.is_ascii_digit() || *b == b' ')).then_some(What::Alphabet)
            }
            IA5_STRING => (!v.is_ascii()).then_some(What::Alphabet),
            VISIBLE_STRING => {
                (!v.iter().all(|b| (0x20..0x7F).contains(b))).then_some(What::Alphabet)
            }
            BMP_STRING => (!v.len().is_multiple_of(2)).then_some(What::Alphabet),
            UNIVERSAL_STRING => (!v.len().is_multiple_of(4)).then_some(What::Alphabet),
            UTC_TIME => (!time_is_der(v, 12)).then_some(What::Time),
            GENERALIZED_TIME => (!time_is_der(v, 14)).then_some(What::Time),
            _ => None,
        };
        if let Some(what) = fault {
            self.report(what, tlv.raw);
        }
    }
}

/// How many octets tag and minimal length take.
fn header_length(length: usize) -> usize {
    if length < 0x80 {
        return 2;
    }
    let bits = usize::BITS - length.leading_zeros();
    2 + bits.div_ceil(8) as usize
}

pub(crate) fn integer_is_minimal(v: &[u8]) -> bool {
    match v {
        [] => false,
        [0, second, ..] => second & 0x80 != 0,
        [0xFF, second, ..] => second & 0x80 == 0,
        _ => true,
    }
}

fn bits_are_padded(v: &[u8]) -> bool {
    match v {
        [] => false,
        [unused] => *unused == 0,
        [unused, .., last] => *unused < 8 && last & ((1_u16 << unused) - 1) as u8 == 0,
    }
}

fn oid_is_whole(v: &[u8]) -> bool {
    let mut fresh = true;
    for b in v {
        if fresh && *b == 0x80 {
            return false;
        }
        fresh = b & 0x80 == 0;
    }
    fresh && !v.is_empty()
}

/// The alphabet of PrintableString (X.680 clause 41.4).
pub(crate) fn is_printable(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b)
}

fn time_is_der(v: &[u8], digits: usize) -> bool {
    v.len() == digits + 1 && v[..digits].iter().all(u8::is_ascii_digit) && v[digits] == b'Z'
}

fn set_is_sorted(set: Tlv<'_>) -> bool {
    let mut before: &[u8] = &[];
    set.inside().all(|element| {
        let sorted = before <= element.raw;
        before = element.raw;
        sorted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(input: &[u8]) -> Vec<What> {
        defects(input).into_iter().map(|d| d.what).collect()
    }

    #[test]
    fn every_departure_from_der_is_seen() {
        let cases: [(&[u8], What); 15] = [
            (&[0x30, 0x81, 3, 2, 1, 1], What::Length),
            (&[0x30, 0x80, 0, 0], What::Framing),
            (&[0x24, 3, 4, 1, 0], What::Form),
            (&[0x10, 0], What::Form),
            (&[1, 1, 1], What::Boolean),
            (&[2, 2, 0, 1], What::Integer),
            (&[2, 0], What::Integer),
            (&[3, 2, 3, 0xFF], What::BitString),
            (&[3, 1, 1], What::BitString),
            (&[6, 2, 0x80, 1], What::Oid),
            (&[6, 1, 0x81], What::Oid),
            (&[5, 1, 0], What::Null),
            (&[0x31, 6, 2, 1, 2, 2, 1, 1], What::SetOrder),
            (&[0x13, 1, b'*'], What::Alphabet),
            (&[0x17, 3, b'9', b'9', b'Z'], What::Time),
        ];
        for (input, what) in cases {
            assert_eq!(found(input), [what], "{input:?}");
        }
        assert!(is_der(&[0x30, 6, 2, 1, 0x7F, 1, 1, 0xFF]));
    }

    #[test]
    fn a_walk_ends() {
        let deep = [0x30, 0x80].repeat(40);
        assert!(!defects(&deep).is_empty());
        let mut nested = vec![5, 0];
        for _ in 0..100 {
            let mut outer = pki_asn1::write::header(SEQUENCE, nested.len() as u64);
            outer.extend_from_slice(&nested);
            nested = outer;
        }
        assert_eq!(found(&nested), [What::Budget]);
        let many = [5, 0].repeat(VALUES + 10);
        assert_eq!(found(&many), [What::Budget]);
    }
}
