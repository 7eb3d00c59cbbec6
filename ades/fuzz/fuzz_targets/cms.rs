//! CMS and time-stamp tokens: reading never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = ades::cms::parse::SignedData::parse(data);
});
