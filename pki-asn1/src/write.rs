//! Writing DER around bytes that must stay as they are: a CertID to echo, a signed value, a
//! certificate. Typed structures go through `der`; this is for splicing.

use crate::oid::ObjectIdentifier;

/// The tag octet of an INTEGER.
pub const INTEGER: u8 = 0x02;
/// The tag octet of a BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// The tag octet of an OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// The tag octet of an OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// The tag octet of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// The tag octet of a SET.
pub const SET: u8 = 0x31;

/// The tag octet of `[number]`, constructed; `number` up to 30.
#[must_use]
pub const fn context(number: u8) -> u8 {
    0xA0 | (number & 0x1F)
}

/// The tag octet and the minimal length of a value of `len` octets. Of 64 bits, because a value may
/// be a stream.
#[must_use]
pub fn header(tag: u8, len: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(10);
    push_header(&mut out, tag, len);
    out
}

/// The length of [`header`] and value together.
#[must_use]
pub fn total_len(len: u64) -> u64 {
    header(0, len).len() as u64 + len
}

/// One TLV: the tag octet, the minimal length, the parts one after the other.
#[must_use]
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|p| p.len()).sum();
    let mut out = Vec::with_capacity(len + 10);
    push_header(&mut out, tag, len as u64);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// An OBJECT IDENTIFIER.
#[must_use]
pub fn oid(oid: &ObjectIdentifier) -> Vec<u8> {
    tlv(OBJECT_IDENTIFIER, &[oid.as_bytes()])
}

/// An INTEGER below 128, such as a version.
#[must_use]
pub const fn small_integer(value: u8) -> [u8; 3] {
    debug_assert!(value < 0x80);
    [INTEGER, 1, value]
}

/// A BIT STRING of whole octets.
#[must_use]
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], octets])
}

/// A SET OF in DER order (X.690 clause 11.6): the encoded elements sorted as octet strings. `tag` is
/// [`SET`] or the implicit tag in its place.
#[must_use]
pub fn set_of<T: AsRef<[u8]>>(tag: u8, elements: impl AsRef<[T]>) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = elements.as_ref().iter().map(AsRef::as_ref).collect();
    parts.sort_unstable();
    tlv(tag, &parts)
}

fn push_header(out: &mut Vec<u8>, tag: u8, len: u64) {
    out.push(tag);
    if len < 0x80 {
        out.push(len as u8);
        return;
    }
    let bytes = len.to_be_bytes();
    let skip = bytes.iter().take_while(|b| **b == 0).count();
    out.push(0x80 | (bytes.len() - skip) as u8);
    out.extend_from_slice(&bytes[skip..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::OctetStringRef;
    use der::{Decode, Encode};

    #[test]
    fn lengths_are_minimal_on_both_sides_of_every_step() {
        for len in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000] {
            let value = vec![0x5A; len];
            let ours = tlv(OCTET_STRING, &[&value]);
            let theirs = OctetStringRef::new(&value).unwrap();
            assert_eq!(ours, theirs.to_der().unwrap());
            assert_eq!(total_len(len as u64), ours.len() as u64);
            assert_eq!(<&OctetStringRef>::from_der(&ours).unwrap(), theirs);
        }
    }

    #[test]
    fn a_stream_longer_than_memory_has_a_header() {
        assert_eq!(header(OCTET_STRING, 5 << 32), [4, 0x85, 5, 0, 0, 0, 0]);
    }

    #[test]
    fn elements_of_a_set_are_sorted_by_their_octets() {
        let set = set_of(SET, [&[4, 1, 9][..], &[2, 1, 100], &[4, 1, 1]]);
        assert_eq!(set, [0x31, 9, 2, 1, 100, 4, 1, 1, 4, 1, 9]);
    }
}
