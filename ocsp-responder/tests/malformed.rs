//! Requests that are not, and the corpus of the fuzz targets.
#![allow(clippy::unwrap_used)]

mod support;

use der::Decode as _;
use ocsp_responder::path;
use ocsp_responder::request::Query;
use pki_asn1::ocsp::OcspRequest;
use pki_asn1::{oid, write};
use pki_crypto::DigestAlgorithm;
use proptest::prelude::*;
use support::{Hierarchy, Running, build};

fn good(hierarchy: &Hierarchy) -> Vec<u8> {
    let ids = [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256]
        .map(|d| build::cert_id(&hierarchy.certificate, &[0x4F, 1, 2], d, true));
    let basic = write::tlv(0x06, &[oid::OCSP_BASIC.as_bytes()]);
    let extensions = [
        build::nonce(16),
        build::extension(
            &oid::OCSP_ACCEPTABLE_RESPONSES,
            false,
            &write::tlv(write::SEQUENCE, &[&basic]),
        ),
        build::preferred(&[&oid::ECDSA_WITH_SHA384, &oid::SHA256_WITH_RSA]),
    ]
    .concat();
    build::request(&ids, Some(&extensions))
}

/// What the typed decoder of pki-asn1 makes of the same bytes.
fn typed_serials(der: &[u8]) -> Option<Vec<Vec<u8>>> {
    let request = OcspRequest::from_der(der).ok()?;
    let list = request.tbs_request.request_list;
    Some(
        list.iter()
            .map(|r| r.req_cert.serial_number.as_bytes().to_vec())
            .collect(),
    )
}

#[test]
fn requests_of_openssl_read_as_the_typed_decoder_reads_them() {
    let hierarchy = Hierarchy::new("CA");
    hierarchy.leaf("leaf.pem", &[0x4F, 1, 2]);
    let arguments = [
        "ocsp", "-issuer", "ca.pem", "-sha256", "-cert", "leaf.pem", "-reqout", "q.der",
    ];
    if support::tool("openssl", &arguments, hierarchy.dir.path()).is_none() {
        return;
    }
    let der = std::fs::read(hierarchy.path("q.der")).unwrap();
    let query = Query::parse(&der).unwrap();
    assert_eq!(typed_serials(&der).unwrap(), [query.first.serial]);
    assert!(query.nonce.is_some());
}

#[test]
fn every_truncation_is_malformed() {
    let hierarchy = Hierarchy::new("CA");
    let good = good(&hierarchy);
    Query::parse(&good).unwrap();
    for len in 0..good.len() {
        Query::parse(&good[..len]).unwrap_err();
    }
    let mut trailing = good.clone();
    trailing.push(0);
    Query::parse(&trailing).unwrap_err();
}

#[test]
fn too_many_cert_ids_and_oversized_serials_are_malformed() {
    let hierarchy = Hierarchy::new("CA");
    let id =
        |serial: &[u8]| build::cert_id(&hierarchy.certificate, serial, DigestAlgorithm::Sha1, true);
    let many = |n: usize| build::request(&vec![id(&[1]); n], None);
    Query::parse(&many(32)).unwrap();
    Query::parse(&many(33)).unwrap_err();
    Query::parse(&many(0)).unwrap_err();
    Query::parse(&build::request(&[id(&[1; 64])], None)).unwrap();
    for serial in [&[1; 65][..], &[], &[0, 1], &[0xFF, 0x80]] {
        Query::parse(&build::request(&[id(serial)], None)).unwrap_err();
    }
}

#[test]
fn http_mistakes_are_answered_by_http() {
    let hierarchy = Hierarchy::new("CA");
    let running = Running::new(&hierarchy);
    let status = |head: &str, body: &[u8]| running.http(head, body).0[9..12].to_owned();
    assert_eq!(status("GET / HTTP/1.1", b""), "200");
    assert_eq!(status("GET /healthz HTTP/1.1", b""), "200");
    assert_eq!(status("GET /ocsp HTTP/1.1", b""), "400");
    assert_eq!(status("PUT /ocsp HTTP/1.1", b"x"), "405");
    assert_eq!(status("DELETE /crl/companies.crl HTTP/1.1", b""), "405");
    assert_eq!(status("POST /ocsp/AAAA HTTP/1.1", b"x"), "405");
    let wrong = "POST /ocsp HTTP/1.1\r\nContent-Type: text/html";
    assert_eq!(status(wrong, b"x"), "415");
    for path in [
        "/crl/companies.crl", // none published yet
        "/crl/nobody.crl",
        "/crl/.crl",
        "/crl/../record.sqlite",
        "/crl/%2e%2e/record.crl",
        "/ca/nobody.cer",
        "/ca/companies.pem",
        "/record.sqlite",
    ] {
        assert_eq!(
            status(&format!("GET {path} HTTP/1.1"), b""),
            "404",
            "{path}"
        );
    }
    let (head, body) = running.http("GET /ocsp/garbage HTTP/1.1", b"");
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("ocsp-response"),
        "{head}"
    );
    assert_eq!(body, [0x30, 3, 0x0A, 1, 1]);
    let (head, _) = running.post(&vec![0x30; 70_000]);
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
}

#[test]
fn the_corpus_of_the_fuzz_targets_makes_nothing_panic() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut seen = 0;
    for target in ["ocsp-path", "ocsp-request"] {
        for file in std::fs::read_dir(corpus.join(target)).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            read_all(&bytes);
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let _ = path::candidates(text);
            }
            seen += 1;
        }
    }
    assert!(seen > 0, "the corpus is empty");
}

/// Reads everything that a responder reads in a request.
fn read_all(bytes: &[u8]) {
    if let Ok(query) = Query::parse(bytes) {
        let _ = query.preferred.iter().count();
        if let Some(signature) = &query.signature {
            let _ = signature.parts();
            let _ = signature.requestor_directory_name();
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn no_path_makes_the_reader_panic(text in "[-_%/+= a-zA-Z0-9é]{0,200}") {
        for der in path::candidates(&text) {
            let _ = Query::parse(&der);
        }
    }

    #[test]
    fn damage_is_refused_or_read_as_the_typed_decoder_reads_it(
        at in any::<prop::sample::Index>(), value in any::<u8>(),
    ) {
        use std::sync::OnceLock;
        static GOOD: OnceLock<Vec<u8>> = OnceLock::new();
        let mut bad = GOOD.get_or_init(|| good(&Hierarchy::new("CA"))).clone();
        let at = at.index(bad.len());
        bad[at] = value;
        if let Ok(query) = Query::parse(&bad) {
            // Every CertID echoed stands in the request as it was sent.
            for id in query.cert_ids() {
                prop_assert!(bad.windows(id.der.len()).any(|w| w == id.der));
            }
            if let Some(serials) = typed_serials(&bad) {
                let ours: Vec<_> = query.cert_ids().map(|id| id.serial.to_vec()).collect();
                prop_assert_eq!(serials, ours);
            }
        }
    }
}
