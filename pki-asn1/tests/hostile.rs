//! Damaged and random input is an error, never a panic; and the fuzzers' corpus stays green.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says why it skips and fails where it unwraps"
)]

use std::path::Path;

use der::Decode;
use pki_asn1::ocsp::{BasicResponse, OcspRequest, OcspResponse};
use pki_asn1::tsp::{TimeStampReq, TimeStampResp, TstInfo};
use pki_asn1::{Certificate, CertificateList, pem};
use proptest::prelude::*;

/// Everything a stranger's bytes may be taken for.
fn read_as_everything(bytes: &[u8]) {
    if let Ok(cert) = Certificate::from_der(bytes) {
        let _ = (
            cert.tbs_der(),
            cert.signature(),
            cert.subject_der(),
            cert.spki_der(),
        );
        let _ = (
            cert.qc_statements(),
            cert.ocsp_urls(),
            cert.crl_urls(),
            cert.policy_oids(),
        );
        let _ = (
            cert.display_subject().to_string(),
            cert.serial_hex(),
            cert.not_after(),
        );
    }
    if let Ok(crl) = CertificateList::from_der(bytes) {
        let _ = (crl.tbs_der(), crl.crl_number(), crl.authority_key_id());
        let _ = (crl.issuing_distribution_point(), crl.find(&[1]).count());
        for entry in crl.entries() {
            let _ = (entry.reason(), entry.certificate_issuer());
        }
    }
    if let Ok(basic) = BasicResponse::from_der(bytes) {
        let _ = (basic.tbs_der(), basic.nonce(), basic.certs().len());
    }
    let _ = BasicResponse::from_response(bytes);
    let _ = OcspResponse::from_der(bytes);
    let _ = OcspRequest::from_der(bytes);
    let _ = TimeStampReq::from_der(bytes);
    let _ = TimeStampResp::from_der(bytes);
    let _ = TstInfo::from_der(bytes);
    let _ = pem::blocks(bytes);
}

/// The corpus of the fuzz targets: objects that mutation gets deep into.
fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/objects");
    let mut seeds = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                seeds.push(std::fs::read(path).unwrap());
            }
        }
    }
    seeds
}

#[test]
fn the_fuzz_corpus_is_read_without_panic() {
    let seeds = seeds();
    assert!(seeds.len() >= 4, "{} seeds", seeds.len());
    for seed in seeds {
        read_as_everything(&seed);
    }
}

proptest! {
    #[test]
    fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn damaged_seeds_do_not_panic(
        pick in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        shorten in any::<bool>(),
    ) {
        let seeds = seeds();
        let mut bytes = seeds[pick.index(seeds.len())].clone();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if shorten {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_as_everything(&bytes);
    }
}
