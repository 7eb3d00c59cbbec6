//! Writing DER around bytes that must stay as they are: a CertID to echo, a signed value, a
//! certificate. Typed structures go through `der`; this is for splicing.

/// The tag octet of an INTEGER.
pub const INTEGER: u8 = 0x02;
/// The tag octet of a BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// The tag octet of an OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// The tag octet of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// The tag octet of a SET.
pub const SET: u8 = 0x31;

/// The tag octet of `[number]`, constructed; `number` up to 30.
#[must_use]
pub const fn context(number: u8) -> u8 {
    0xA0 | (number & 0x1F)
}

/// One TLV: the tag octet, the minimal length, the parts one after the other.
#[must_use]
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len = parts.iter().map(|p| p.len()).sum();
    let mut out = Vec::with_capacity(len + 10);
    out.push(tag);
    push_length(&mut out, len);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A BIT STRING of whole octets.
#[must_use]
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], octets])
}

/// A SET OF in DER order (X.690 clause 11.6): the encoded elements sorted as octet strings.
#[must_use]
pub fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort_unstable();
    let parts: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    tlv(tag, &parts)
}

fn push_length(out: &mut Vec<u8>, len: usize) {
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
            assert_eq!(<&OctetStringRef>::from_der(&ours).unwrap(), theirs);
        }
    }
}
