//! Writing DER (X.690) from parts that are DER already.
//!
//! Certificates and time-stamp tokens go into a signature exactly as they were received, so
//! `SignedData` is put together from bytes and not from a decoded model of them.

use pki_asn1::oid::ObjectIdentifier;

/// SEQUENCE
pub(crate) const SEQUENCE: u8 = 0x30;
/// SET
pub(crate) const SET: u8 = 0x31;
/// INTEGER
pub(crate) const INTEGER: u8 = 0x02;
/// OCTET STRING
pub(crate) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;

/// The identifier octet of `[number]`, constructed; `number` is at most 30.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Header octets of a value of `len` octets; lengths of 64 bits, because content may be a stream.
pub(crate) fn header(tag: u8, len: u64) -> Vec<u8> {
    let mut out = vec![tag];
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let octets = len.to_be_bytes();
        let skip = octets.iter().take_while(|b| **b == 0).count();
        out.push(0x80 | (octets.len() - skip) as u8);
        out.extend_from_slice(&octets[skip..]);
    }
    out
}

/// The length of header and value together.
pub(crate) fn total_len(len: u64) -> u64 {
    header(0, len).len() as u64 + len
}

/// One value with these parts as its content, in the order given.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|p| p.len()).sum();
    let mut out = header(tag, len as u64);
    out.reserve(len);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A SET OF: the elements, each one DER value, in the order X.690 clause 11.6 asks for. No DER value
/// is the beginning of another, so the order of the octets is that order.
pub(crate) fn set_of<T: AsRef<[u8]>>(tag: u8, elements: &[T]) -> Vec<u8> {
    let mut sorted: Vec<&[u8]> = elements.iter().map(AsRef::as_ref).collect();
    sorted.sort_unstable();
    tlv(tag, &sorted)
}

/// An OBJECT IDENTIFIER.
pub(crate) fn oid(oid: &ObjectIdentifier) -> Vec<u8> {
    tlv(OBJECT_IDENTIFIER, &[oid.as_bytes()])
}

/// An INTEGER below 128.
pub(crate) fn small(value: u8) -> [u8; 3] {
    debug_assert!(value < 0x80);
    [INTEGER, 1, value]
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Encode as _;
    use der::asn1::OctetString;

    #[test]
    fn lengths_agree_with_the_der_crate() {
        for len in [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 20] {
            let value = vec![7u8; len];
            let theirs = OctetString::new(value.clone()).unwrap().to_der().unwrap();
            assert_eq!(tlv(OCTET_STRING, &[&value]), theirs);
            assert_eq!(total_len(len as u64), theirs.len() as u64);
        }
        assert_eq!(header(4, 5 << 32), [4, 0x85, 5, 0, 0, 0, 0]);
    }

    #[test]
    fn set_of_is_sorted_by_its_octets() {
        let set = set_of(SET, &[&[4, 1, 9][..], &[2, 1, 200 - 100], &[4, 1, 1]]);
        assert_eq!(set, [0x31, 9, 2, 1, 100, 4, 1, 1, 4, 1, 9]);
    }
}
