//! Certificates, CRLs, signatures and keys, from anywhere.

use std::path::Path;

use der::Decode as _;
use hsm_pkcs11::{OpenOptions, PinSource, Pkcs11Uri, UriError, open_bytes};
use pki_asn1::ocsp::{BasicResponse, OcspRequest};
use pki_asn1::tsp::{TimeStampReq, TimeStampResp, TstInfo};
use pki_asn1::{Certificate, CertificateList, UnixTime, pem};
use pki_path::{CertificatePool, Evidence, Parameters, Validator};

use crate::text;

/// CMS and time-stamp tokens.
pub(crate) fn cms(input: &[u8]) {
    let _ = ades::cms::parse::SignedData::parse(input);
}

/// Key files: no bytes hang it or take more memory than the budget allows.
pub(crate) fn key_file(input: &[u8]) {
    let pin = PinSource::Value("secret".into());
    let _ = open_bytes(Path::new("input"), input, &pin, &OpenOptions::default());
}

/// Certificates, CRLs, OCSP and time-stamp objects: the original bytes are kept.
pub(crate) fn objects(input: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(input) {
        let _ = (certificate.qc_statements(), certificate.ocsp_urls());
        let _ = (certificate.crl_urls(), certificate.policy_oids());
        let _ = certificate.display_subject().to_string();
        assert_eq!(certificate.der(), input);
    }
    if let Ok(crl) = CertificateList::from_der(input) {
        assert_eq!(crl.der(), input);
        let _ = (crl.crl_number(), crl.issuing_distribution_point());
        for entry in crl.entries() {
            let _ = (entry.reason(), entry.certificate_issuer());
        }
    }
    let _ = BasicResponse::from_response(input);
    let _ = OcspRequest::from_der(input);
    let _ = TimeStampReq::from_der(input);
    let _ = TimeStampResp::from_der(input);
    let _ = TstInfo::from_der(input);
    let _ = pem::blocks(input);
}

/// A certificate that trusts nobody: validation ends, and not with a path.
pub(crate) fn path(input: &[u8]) {
    let Ok(certificate) = Certificate::from_der(input) else {
        return;
    };
    let pool: CertificatePool = [certificate.clone()].into_iter().collect();
    let parameters = Parameters::at(UnixTime::from_secs(1_800_000_000));
    let evidence = Evidence::new();
    let validator = Validator::new(&[], &pool, &evidence, parameters);
    assert!(validator.validate(&certificate).is_err());
}

/// RFC 7512 URIs: what is read is written back the same.
pub(crate) fn pkcs11_uri(input: &[u8]) {
    let Some(text) = text(input) else { return };
    if let Ok(uri) = text.parse::<Pkcs11Uri>() {
        match uri.to_string().parse::<Pkcs11Uri>() {
            // Percent-encoding makes it longer.
            Err(UriError::TooLong) => {}
            read => assert_eq!(read.as_ref(), Ok(&uri)),
        }
    }
}
