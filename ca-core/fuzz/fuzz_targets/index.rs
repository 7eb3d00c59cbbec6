#![no_main]
//! Lines of openssl's index.txt.

use ca_core::import::IndexLine;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for line in input.split(|b| *b == b'\n') {
        let _ = IndexLine::parse(line);
    }
});
