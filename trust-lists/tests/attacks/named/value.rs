//! The value of the signature: r and s side by side, 32 octets each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Must::{Refuse, Take};
use super::Tricks;
use crate::base::Base;

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// a - b and a + b, in 32 octets; nothing where they do not fit.
fn minus(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut borrow) = (vec![0; a.len()], 0_i16);
    for at in (0..a.len()).rev() {
        let one = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(one < 0);
        out[at] = one.rem_euclid(256) as u8;
    }
    (borrow == 0).then_some(out)
}

fn der(value: &[u8]) -> Vec<u8> {
    let number = |n: &[u8]| {
        let mut out = vec![2, 33, 0];
        out.extend(n);
        out
    };
    let (r, s) = (number(&value[..32]), number(&value[32..]));
    [vec![0x30, 70], r, s].concat()
}

pub(super) fn put(base: &Base, to: &mut Tricks) {
    let value = base.value();
    let text = |octets: &[u8]| STANDARD.encode(octets);
    let mirrored = [&value[..32], &minus(&ORDER, &value[32..]).unwrap()].concat();
    to.put("n - s for s", base.with_value(&text(&mirrored)), Take);
    for (name, octets) in [
        ("the value in DER", der(&value)),
        (
            "zeros before r and s",
            [&[0][..], &value[..32], &[0], &value[32..]].concat(),
        ),
        ("an octet more", [&value[..], &[0]].concat()),
        ("an octet less", value[..63].to_vec()),
        ("no value", Vec::new()),
        ("zeros", vec![0; 64]),
        ("r is the order", [&ORDER[..], &value[32..]].concat()),
        ("s is the order", [&value[..32], &ORDER].concat()),
        ("s is nothing", [&value[..32], &[0; 32]].concat()),
        ("r and s exchanged", [&value[32..], &value[..32]].concat()),
        ("all ones", vec![0xff; 64]),
    ] {
        to.put(name, base.with_value(&text(&octets)), Refuse);
    }
    let encoded = text(&value);
    let spaced: String = encoded.chars().flat_map(|c| [c, ' ', '\n']).collect();
    to.put("base64 with white space", base.with_value(&spaced), Take);
    to.put(
        "base64 with a space that is none",
        base.with_value(&format!("\u{a0}{encoded}")),
        Refuse,
    );
    to.put(
        "base64 without its end",
        base.with_value(encoded.trim_end_matches('=')),
        Refuse,
    );
    to.put(
        "base64 with more after its end",
        base.with_value(&format!("{encoded}AAAA")),
        Refuse,
    );
    to.put(
        "base64 for URLs",
        base.with_value(&format!("{}--__", &encoded[4..])),
        Refuse,
    );
    to.put(
        "base64 with words between",
        base.with_value(&format!("{}!{}", &encoded[..8], &encoded[8..])),
        Refuse,
    );
    let last = encoded.trim_end_matches('=').len() - 1;
    let mut bits = encoded.clone().into_bytes();
    // Two octets in three characters: the last two bits are nobody's.
    bits[last] = if bits[last] == b'A' {
        b'B'
    } else {
        bits[last] + 1
    };
    to.put(
        "base64 with bits too many",
        base.with_value(&String::from_utf8(bits).unwrap()),
        Refuse,
    );
}
