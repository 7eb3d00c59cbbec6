//! A certificate that trusts nobody: validation ends, and not with a path.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki_asn1::{Certificate, UnixTime};
use pki_path::{CertificatePool, Evidence, Parameters, Validator};

fuzz_target!(|data: &[u8]| {
    let Ok(certificate) = Certificate::from_der(data) else {
        return;
    };
    let pool: CertificatePool = [certificate.clone()].into_iter().collect();
    let parameters = Parameters::at(UnixTime::from_secs(1_800_000_000));
    let evidence = Evidence::new();
    assert!(
        Validator::new(&[], &pool, &evidence, parameters)
            .validate(&certificate)
            .is_err()
    );
});
