//! Structures that would cost much, and every octet of a signed file flipped.

use ades::validate::Indication;
use proptest::prelude::*;

use ades::validate::Modifications;

use crate::world::{EVIL, OBJECTS, World, document, update};

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
    // A zero of the padding becomes a space: white space is passed over, and a last digit alone is its
    // octet's first (ISO 32000-2, 7.3.4.3).
    let mut digits: Vec<u8> = (digits.iter().copied())
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    if digits.len() % 2 == 1 {
        digits.push(b'0');
    }
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

/// What a forger puts in an object's place.
const BODIES: [&str; 9] = [
    EVIL,
    "null",
    "[]",
    "[99 0 R]",
    "<<>>",
    "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 99 0 R>>",
    "<</Type /Catalog /Pages 99 0 R>>",
    "<</Type /Metadata /Subtype /XML /Length 4>>\nstream\nevil\nendstream",
    "<</T (amount) /FT /Tx /V (999) /Type /Annot /Subtype /FreeText /Rect [0 0 300 200] /P 3 0 R>>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever is appended to a signed document shows in the report, and only what a rule clears passes.
    #[test]
    fn an_appended_modification_goes_unnoticed(
        changed in proptest::collection::vec((1..=OBJECTS.len() as u32, 0..BODIES.len()), 1..4),
        page in any::<bool>(),
        garbage in proptest::collection::vec(0x21u8..0x7f, 0..20),
    ) {
        use std::sync::OnceLock;
        static MADE: OnceLock<(World, Vec<u8>)> = OnceLock::new();
        let (world, signed) = MADE.get_or_init(|| {
            let world = World::new();
            let signed = world.sign(&document(&[], ""), None);
            (world, signed)
        });
        let mut objects: Vec<(u32, &str)> = Vec::new();
        for (number, body) in changed {
            if objects.iter().all(|o| o.0 != number) {
                objects.push((number, BODIES[body]));
            }
        }
        objects.push((99, if page { EVIL } else { "<</Type /Pages /Kids [] /Count 0>>" }));
        let mut bytes = update(signed, &objects, "");
        bytes.extend(&garbage);
        let (indication, level) = world.outcome(&bytes);
        prop_assert_ne!(level, Modifications::None);
        let metadata_alone = objects.len() == 2 && objects[0].0 == 10 && garbage.is_empty();
        prop_assert!(metadata_alone || indication != Some(Indication::TotalPassed), "{:?}", objects);
    }
}

/// Revisions that want much comparing: an answer within seconds, and never a yes.
#[test]
fn comparing_revisions_costs_what_the_file_is_long() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let kids = |count: u32| {
        (0..count)
            .map(|n| format!("{} 0 R ", 1000 + n))
            .collect::<String>()
    };
    let many = kids(20_000);
    let contents = format!(
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents [{many}] /Annots 8 0 R>>"
    );
    let prepared = world.sign(&document(&[(3, &contents)], ""), None);
    let reversed = format!(
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents [7 0 R {many}] /Annots 8 0 R>>"
    );
    let tree = format!("<</T (tree) /FT /Sig /Kids [{many}]>>");
    let mut children: Vec<(u32, String)> = vec![(6, "[9 0 R 50 0 R]".into()), (50, tree)];
    for number in 1000..21_000 {
        children.push((number, "<</Parent 50 0 R /Subtype /Widget>>".into()));
    }
    let children: Vec<(u32, &str)> = children.iter().map(|(n, b)| (*n, b.as_str())).collect();
    let mut chain = signed.clone();
    for _ in 0..300 {
        chain = update(&chain, &[(4, EVIL)], "");
    }
    for (what, bytes) in [
        (
            "a page of many contents",
            update(&prepared, &[(3, &reversed)], ""),
        ),
        ("a field with many children", update(&signed, &children, "")),
        ("many revisions", chain),
    ] {
        let start = std::time::Instant::now();
        world.refused(what, &bytes);
        let took = start.elapsed();
        eprintln!("{what}: {took:?}");
        assert!(took.as_secs() < 20, "{what}: {took:?}");
    }
}
