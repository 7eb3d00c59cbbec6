//! Profiles are written by people: reading one never panics, what is refused says why, and what is
//! accepted can be rendered, compared and given a specimen's subject. Run with
//! `cargo +nightly fuzz run profile` in `ca-core`.

#![no_main]

use ca_core::profile::{Language, Profile, annex, differences};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    match Profile::parse(input) {
        Ok(profile) => {
            let subject = profile.specimen_subject("MC");
            let _ = profile.subject_name(&subject);
            assert!(differences(&profile, &profile).is_empty());
            for language in [Language::English, Language::French] {
                assert!(!annex(&profile, None, language).is_empty());
            }
        }
        Err(error) => assert!(!error.problems().is_empty()),
    }
});
