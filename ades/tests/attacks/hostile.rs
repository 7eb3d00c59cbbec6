//! Structures that would cost much, and every octet of a signed file flipped.

use ades::validate::Indication;
use proptest::prelude::*;

use crate::world::{World, document};

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag, 0x84];
    out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    out.extend(content);
    out
}

/// Nested, repeated and oversized structures: an answer within seconds, and never a yes.
#[test]
fn hostile_structures_end_soon() {
    let world = World::new();
    let signed_data = |algorithms: &[u8], signers: &[u8]| {
        let data = tlv(0x30, &[6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 1]);
        let body = [
            &[2, 1, 1][..],
            &tlv(0x31, algorithms),
            &data,
            &tlv(0x31, signers),
        ]
        .concat();
        let oid = [6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2];
        tlv(0x30, &[&oid[..], &tlv(0xa0, &tlv(0x30, &body))].concat())
    };
    let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let signer = {
        let name = [0x30, 0];
        let sid = [&[0x30, 5][..], &name, &[2, 1, 1]].concat();
        let body = [&[2, 1, 1][..], &sid, &sha256, &sha256, &[4, 1, 0]].concat();
        tlv(0x30, &body)
    };
    let mut huge_oid = vec![0x86; 5_000_000];
    huge_oid.push(1);
    let cases = [
        ("nested indefinite lengths", [0x30, 0x80].repeat(500_000)),
        (
            "nested octet strings",
            signed_data(&[0x24, 0x80].repeat(500_000), &[]),
        ),
        (
            "a million digest algorithms",
            signed_data(&sha256.repeat(1_000_000), &[]),
        ),
        (
            "a hundred thousand signers",
            signed_data(&sha256, &signer.repeat(100_000)),
        ),
        (
            "an endless object identifier",
            signed_data(&tlv(0x30, &tlv(6, &huge_oid)), &[]),
        ),
    ];
    for (what, bytes) in cases {
        let start = std::time::Instant::now();
        let outcome = world.outcome(&bytes).0;
        assert_ne!(outcome, Some(Indication::TotalPassed), "{what}");
        assert!(
            start.elapsed().as_secs() < 20,
            "{what}: {:?}",
            start.elapsed()
        );
        eprintln!("{what}: {outcome:?} in {:?}", start.elapsed());
    }
}

/// What a signature in /Contents consists of.
fn essence(pdf: &[u8], gap: &std::ops::Range<usize>) -> Option<String> {
    let digits = pdf[gap.clone()].split(|b| *b == b'<').nth(1)?;
    let data = ades::cms::parse::SignedData::parse(&hex::decode(digits).ok()?).ok()?;
    let [one] = data.signers.as_slice() else {
        return None;
    };
    Some(format!(
        "{:?} {:?} {:?}",
        one.signed_attributes_der, one.signature, data.certificates
    ))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Inside the signed ranges always. Inside /Contents, what nobody signs and nothing depends on
    /// (a version number, the list of digest algorithms, the case of a digit) may change as long as
    /// the signed attributes, the value and the certificates read the same.
    #[test]
    fn no_flipped_bit_of_a_signed_pdf_passes(position in 0usize..1_000_000, bit in 0u8..8) {
        use std::sync::OnceLock;
        static MADE: OnceLock<(World, Vec<u8>, usize)> = OnceLock::new();
        let (world, signed, end) = MADE.get_or_init(|| {
            let world = World::new();
            let signed = world.sign(&document(&[], ""), None);
            let length = signed.len();
            (world, signed, length)
        });
        let mut bytes = signed.clone();
        let at = position % end;
        bytes[at] ^= 1 << bit;
        let gap = {
            let from = signed.windows(11).position(|w| w == b"/Contents <").unwrap();
            from..from + signed[from..].iter().position(|b| *b == b'>').unwrap()
        };
        let same_value = gap.contains(&at) && essence(&bytes, &gap) == essence(signed, &gap);
        if !same_value && let Some((facts, verdict)) = world.judge(&bytes) {
            prop_assert_ne!(
                verdict.indication,
                Some(Indication::TotalPassed),
                "octet {} bit {} ({} in /Contents): {:?}", at, bit, at as i64 - gap.start as i64, facts.signatures.first().map(|s| &s.signer)
            );
        }
    }
}
