//! One bit of what a PDF signature covers is another one: nothing passes.

use ades::validate::{Indication, Input, ValidationPolicy, gather, verdict};
use pdf_file::{MemorySource, OpenOptions};
use std::sync::Arc;

use super::differential::sign;
use super::world::{Ca, Curve, day, material};

#[test]
fn no_flipped_bit_of_what_a_pdf_signature_covers_passes() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let signer = root.signer("Signer", 0..1000, Curve::P256);
    let unit = root.unit("Unit", 0..1000, Curve::P256);
    let file = sign(&signer, 10, Some(&unit));
    let known = || material(&[&root], &[root.crl(15..22, &[])]);
    let judged = |file: Vec<u8>| {
        let input = Input {
            source: Arc::new(MemorySource::new(file)),
            content: None,
            pdf_options: OpenOptions::new(),
        };
        let facts = gather(&input, known(), day(20), None).ok()?;
        verdict(&facts, &ValidationPolicy::default(), day(20)).indication
    };
    assert_eq!(judged(file.clone()), Some(Indication::TotalPassed));
    // What lies between the angle brackets of /Contents is the signature itself.
    let key = b"/Contents <";
    let place = |what: &[u8]| file.windows(what.len()).position(|w| w == what);
    let open = place(key).or_else(|| place(b"/Contents<")).unwrap();
    let open = open + file[open..].iter().position(|b| *b == b'<').unwrap();
    let close = open + file[open..].iter().position(|b| *b == b'>').unwrap();
    let signed: Vec<usize> = (0..open).chain(close + 1..file.len()).collect();
    assert!(signed.len() > 500);
    for (number, at) in signed.into_iter().enumerate() {
        let mut changed = file.clone();
        changed[at] ^= 1 << (number % 8);
        assert_ne!(
            judged(changed),
            Some(Indication::TotalPassed),
            "octet {at}, bit {}",
            number % 8
        );
    }
}
