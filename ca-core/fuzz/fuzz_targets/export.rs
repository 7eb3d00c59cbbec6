//! Exports come from strangers: verifying one never panics, and its error names a record.
//! Run with `cargo +nightly fuzz run export` in `ca-core`.

#![no_main]

use ca_core::journal::{Checks, ExportVerifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut verifier = ExportVerifier::new(Checks::default());
    if verifier.read(&mut &*input).is_ok() {
        let _ = verifier.finish();
    }
});
