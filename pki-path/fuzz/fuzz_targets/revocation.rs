//! CRLs and OCSP responses: reading and walking them never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki_asn1::CertificateList;
use pki_asn1::ocsp::BasicResponse;

fuzz_target!(|data: &[u8]| {
    if let Ok(crl) = CertificateList::from_der(data) {
        let _ = crl.issuing_distribution_point();
        let _ = crl.entries().count();
    }
    let _ = BasicResponse::from_response(data);
});
