//! No bytes make reading a key file panic, hang or take more memory than the budget allows.
#![no_main]

use std::path::Path;

use hsm_pkcs11::{OpenOptions, PinSource, open_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let pin = PinSource::Value("secret".into());
    let _ = open_bytes(Path::new("input"), bytes, &pin, &OpenOptions::default());
});
