//! The path of a GET request: never a panic, and no more candidates than slashes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocsp_responder::path;
use ocsp_responder::request::Query;

fuzz_target!(|text: &str| {
    let candidates = path::candidates(text);
    assert!(candidates.len() <= 16);
    for der in candidates {
        let _ = Query::parse(&der);
    }
});
