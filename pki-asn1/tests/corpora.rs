//! Published certificates, CRLs, OCSP and time-stamp responses are read, and what is sliced out of
//! them is what they say. Corpora: NIST PKITS, RFC 4134, OpenSSL's OCSP vectors, zlint's samples.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says why it skips and fails where it unwraps"
)]

use std::path::{Path, PathBuf};

use der::{Decode, Encode};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::pem;
use pki_asn1::tsp::TimeStampResp;
use pki_asn1::{Certificate, CertificateList};

/// `$SCEAU_CORPORA/name`, or `../shared/data/name` beside the checkout; says so where neither is.
fn corpus(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("SCEAU_CORPORA").map_or(beside, PathBuf::from);
    let path = root.join(name);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: corpus not found: {name}");
    None
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut out: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .collect();
    out.sort();
    out
}

#[test]
fn every_pkits_certificate_and_crl_is_sliced_where_its_parts_lie() {
    let Some(pkits) = corpus("pkits") else { return };
    let certificates = files(&pkits.join("certs"), "crt");
    assert!(
        certificates.len() >= 400,
        "{} certificates",
        certificates.len()
    );
    for path in certificates {
        let bytes = std::fs::read(&path).unwrap();
        let stem = path.file_stem().unwrap();
        if stem == "BadSignedCACert" || stem == "InvalidDSASignatureTest6EE" {
            // NIST broke these signatures by giving the BIT STRING an unused bit that is set.
            assert!(Certificate::from_der(bytes).is_err());
            continue;
        }
        let cert = Certificate::from_der(bytes.clone())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let parsed = cert.parsed().tbs_certificate();
        assert_eq!(
            cert.subject_der(),
            parsed.subject().to_der().unwrap(),
            "{}",
            path.display()
        );
        assert_eq!(
            cert.issuer_der(),
            parsed.issuer().to_der().unwrap(),
            "{}",
            path.display()
        );
        assert_eq!(
            cert.spki_der(),
            parsed.subject_public_key_info().to_der().unwrap(),
            "{}",
            path.display()
        );
        let cut = Certificate::from_der(&bytes[..bytes.len() - 1]);
        assert!(cut.is_err(), "{} without its last byte", path.display());
    }
    let crls = files(&pkits.join("crls"), "crl");
    assert!(crls.len() >= 170, "{} CRLs", crls.len());
    for path in crls {
        let bytes = std::fs::read(&path).unwrap();
        if path.file_stem().unwrap() == "BadCRLSignatureCACRL" {
            assert!(CertificateList::from_der(bytes).is_err());
            continue;
        }
        let ours = CertificateList::from_der(bytes.clone())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        // A second implementation counts and names the entries.
        let theirs =
            x509_cert::crl::CertificateList::<x509_cert::certificate::Raw>::from_der(&bytes)
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let revoked = theirs
            .tbs_cert_list
            .revoked_certificates
            .unwrap_or_default();
        let entries: Vec<_> = ours.entries().collect();
        assert_eq!(entries.len(), revoked.len(), "{}", path.display());
        for (entry, expected) in entries.iter().zip(&revoked) {
            assert_eq!(entry.serial_number, expected.serial_number);
            assert!(
                ours.find(expected.serial_number.as_bytes())
                    .any(|e| e == *entry)
            );
        }
    }
}

#[test]
fn damaged_public_samples_are_errors_not_panics() {
    let Some(zlint) = corpus("zlint") else { return };
    let mut read = 0;
    for path in files(&zlint.join("testdata"), "pem") {
        for block in pem::blocks(&std::fs::read(&path).unwrap()).unwrap_or_default() {
            // Some samples are malformed on purpose; none may panic, and most must be read.
            if let Ok(cert) = Certificate::from_der(block.der) {
                let _ = (cert.qc_statements(), cert.ocsp_urls(), cert.crl_urls());
                let _ = (cert.display_subject().to_string(), cert.policy_oids());
                read += 1;
            }
        }
    }
    assert!(read >= 250, "only {read} samples were read");
}

#[test]
fn openssl_s_ocsp_vectors_are_read_and_reencode_to_the_signed_bytes() {
    let Some(ocsp) = corpus("ocsp-openssl") else {
        return;
    };
    let mut read = 0;
    for path in files(&ocsp, "ors") {
        let text: String = std::fs::read_to_string(&path)
            .unwrap()
            .split_whitespace()
            .collect();
        let der = decode_base64(&text);
        let Ok(basic) = BasicResponse::from_response(&der) else {
            continue;
        };
        assert_eq!(
            basic.data().to_der().unwrap(),
            basic.tbs_der(),
            "{}",
            path.display()
        );
        read += 1;
    }
    assert!(read >= 20, "only {read} responses were read");
}

#[test]
fn a_public_time_stamp_response_is_read() {
    let Some(cms) = corpus("cms-openssl") else {
        return;
    };
    let der = std::fs::read(cms.join("sectigo-all-zero.tsr")).unwrap();
    let response = TimeStampResp::from_der(&der).unwrap();
    assert_eq!(response.status.status, 0);
    assert!(response.time_stamp_token.is_some());
}

fn decode_base64(text: &str) -> Vec<u8> {
    let wrapped: String = text
        .as_bytes()
        .chunks(64)
        .map(|line| format!("{}\n", core::str::from_utf8(line).unwrap()))
        .collect();
    let pem = format!("-----BEGIN X-----\n{wrapped}-----END X-----\n");
    pem::blocks(pem.as_bytes()).unwrap().remove(0).der
}
