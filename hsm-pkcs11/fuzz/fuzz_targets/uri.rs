//! No text makes the RFC 7512 parser panic, and what it reads it writes back the same.
#![no_main]

use hsm_pkcs11::Pkcs11Uri;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(uri) = text.parse::<Pkcs11Uri>() {
        assert_eq!(uri.to_string().parse::<Pkcs11Uri>().as_ref(), Ok(&uri));
    }
});
