//! Certificates, CRLs, OCSP and time-stamp objects from strangers.
#![no_main]

use der::Decode;
use libfuzzer_sys::fuzz_target;
use pki_asn1::ocsp::{BasicResponse, OcspRequest};
use pki_asn1::tsp::{TimeStampReq, TimeStampResp};
use pki_asn1::{Certificate, CertificateList, pem};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(cert) = Certificate::from_der(bytes) {
        let _ = (cert.qc_statements(), cert.ocsp_urls(), cert.crl_urls());
        let _ = cert.display_subject().to_string();
        assert_eq!(cert.der(), bytes);
    }
    if let Ok(crl) = CertificateList::from_der(bytes) {
        assert_eq!(crl.der(), bytes);
        let _ = (crl.entries().count(), crl.issuing_distribution_point());
    }
    let _ = BasicResponse::from_response(bytes);
    let _ = OcspRequest::from_der(bytes);
    let _ = TimeStampReq::from_der(bytes);
    let _ = TimeStampResp::from_der(bytes);
    let _ = pem::blocks(bytes);
});
