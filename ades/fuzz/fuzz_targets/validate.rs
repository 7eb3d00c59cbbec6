//! Any file, PDF or CMS: a verdict or an error, never a panic, and never TOTAL-PASSED without an
//! anchor.
#![no_main]

use std::sync::Arc;

use ades::validate::{Indication, Input, Material, ValidationPolicy, gather, verdict};
use libfuzzer_sys::fuzz_target;
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::UnixTime;

fuzz_target!(|data: &[u8]| {
    let input = Input {
        source: Arc::new(MemorySource::new(data.to_vec())),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let now = UnixTime::from_secs(1_800_000_000);
    if let Ok(facts) = gather(&input, Material::default(), now, None) {
        let verdict = verdict(&facts, &ValidationPolicy::default(), now);
        assert_ne!(verdict.indication, Some(Indication::TotalPassed));
    }
});
