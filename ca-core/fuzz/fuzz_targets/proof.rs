//! Proofs come from strangers: reading one never panics, and none convinces without a key.
//! Run with `cargo +nightly fuzz run proof` in `ca-core`.

#![no_main]

use ca_core::journal::Proof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(proof) = Proof::parse(input) {
        assert!(proof.check(&[]).is_err());
        assert_eq!(Proof::parse(proof.to_json().as_bytes()).unwrap(), proof);
    }
});
