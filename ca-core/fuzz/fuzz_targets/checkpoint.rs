//! Checkpoints and journal keys come from strangers: one that is read is written back byte for byte.
//! Run with `cargo +nightly fuzz run checkpoint` in `ca-core`.

#![no_main]

use ca_core::journal::{JournalKey, SignedCheckpoint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(note) = SignedCheckpoint::parse(input) {
        assert_eq!(note.note().as_bytes(), input);
        assert!(input.starts_with(note.checkpoint().text().as_bytes()));
    }
    let _ = JournalKey::from_file(input);
});
