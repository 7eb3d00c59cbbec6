//! Whatever the bytes: a finding, never a panic.

#![allow(clippy::unwrap_used, missing_docs, dead_code)]

#[path = "samples/build.rs"]
mod build;

use build::Sample;
use pki_lint::{
    Context, CrlContext, OcspContext, detect, lint_certificate, lint_crl, lint_ocsp_response,
};
use proptest::prelude::*;

fn everything(input: &[u8]) {
    let _ = detect(input);
    let _ = lint_certificate(input, &Context::default());
    let _ = lint_crl(input, &CrlContext::default());
    let _ = lint_ocsp_response(input, &OcspContext::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_mutated_certificate_is_linted(
        which in 0_usize..8,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let right = [
            Sample::seal, Sample::person, Sample::short, Sample::tsu,
            Sample::ocsp, Sample::issuing, Sample::root, Sample::plain,
        ];
        let mut der = right[which]().der();
        for (at, value) in changes {
            let at = at.index(der.len());
            der[at] = value;
        }
        if let Some(cut) = cut {
            der.truncate(cut.index(der.len()));
        }
        everything(&der);
        let expected = Sample::expected();
        let context = Context {
            expectation: expected.expectation.as_ref(),
            issuer: Some(&der),
            ..Context::default()
        };
        let _ = lint_certificate(&der, &context);
    }

    #[test]
    fn any_bytes_are_linted(input in proptest::collection::vec(any::<u8>(), 0..512)) {
        everything(&input);
    }
}

/// The fuzzing corpus with the stable compiler.
#[test]
fn every_file_of_the_fuzzing_corpus_is_linted() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/lint");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        everything(&std::fs::read(file.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 5);
}
