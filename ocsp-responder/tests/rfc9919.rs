//! The worked example in the appendix of RFC 9919: a CA with P-521, a responder with P-384, one request and
//! its response.
#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ca_core::status::Status;
use ocsp_responder::protocol::response::{self, Answer, Single, Window};
use ocsp_responder::record::issuer::Issuer;
use ocsp_responder::request::{Parameters, Query};
use ocsp_responder::{cache::Signed, path};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, UnixTime, write};
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm, key_hash_sha1};

const CA: &str = "\
    MIICKDCCAYqgAwIBAgIBATAKBggqhkjOPQQDBDA4MQswCQYDVQQGEwJYWDEUMBIG\
    A1UECgwLQ2VydHMgJ3IgVXMxEzARBgNVBAMMCklzc3VpbmcgQ0EwHhcNMjQwNDAy\
    MTIzNzQ3WhcNMjUwNDAyMTIzNzQ3WjA4MQswCQYDVQQGEwJYWDEUMBIGA1UECgwL\
    Q2VydHMgJ3IgVXMxEzARBgNVBAMMCklzc3VpbmcgQ0EwgZswEAYHKoZIzj0CAQYF\
    K4EEACMDgYYABAHQ/XJXqEx0f1YldcBzhdvr8vUr6lgIPbgv3RUx2KrjzIdf8C/3\
    +i2iYNjrYtbS9dZJJ44yFzagYoy7swMItuYY2wD2KtIExkYDWbyBiriWG/Dw/A7F\
    quikKBc85W8A3psVfB5cgsZPVi/K3vxKTCj200LPPvYW/ILTO3KFySHyvzb92KNC\
    MEAwHQYDVR0OBBYEFI7CFAlgduqQOOk5rhttUsQXfZ++MA8GA1UdEwEB/wQFMAMB\
    Af8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMEA4GLADCBhwJBbr/1SJiHCgXG\
    EJ7R+3er1LdWqrdZHgtCwyT7+wFBIJmVswEiom2LGh/oMuu5mD+u/+o1m07vmmZj\
    /+ipGp8TIwkCQgCoZ4bHte6XkFm7hUXascLN7vkv7qKwXyTsCvIDpEDTRCX8dUFe\
    73jGebitkumRHjVhlBJLo7n3FMJrFHNoeblMbw==";
const REQUEST: &str = "\
    MGEwXzBdMFswWTANBglghkgBZQMEAgEFAAQgOplGd1aAc6cHv95QGGNF5M1hNNsI\
    Xrqh0QQl8DtvCOoEIEdKbKMB8j3J9/cHhwThx/X8lucWdfbtiC56tlw/WEVDAgQB\
    qvAN";
const RESPONSE: &str = "\
    MIIDnwoBAKCCA5gwggOUBgkrBgEFBQcwAQEEggOFMIIDgTCBsKIWBBQK46D+ndQl\
    dpi163Lrygznvz318RgPMjAyNDA0MDIxMjM3NDdaMIGEMIGBMFkwDQYJYIZIAWUD\
    BAIBBQAEIDqZRndWgHOnB7/eUBhjReTNYTTbCF66odEEJfA7bwjqBCBHSmyjAfI9\
    yff3B4cE4cf1/JbnFnX27YguerZcP1hFQwIEAarwDYAAGA8yMDI0MDQwMzEyMzc0\
    N1qgERgPMjAyNDA0MTAxMjM3NDdaMAoGCCqGSM49BAMDA2kAMGYCMQDRmVmiIb4D\
    m9yEXiv2XtoeQi6ftpjLmlBqqRIi+3htfF/OyjdHnFuh38cQKYqqrWYCMQDKiPct\
    Vu7SQs587d2ZBEHQH20j5AFiGGsbI1b3+C9ZK6NIzgD6DnWlDwpSfilEarOgggJT\
    MIICTzCCAkswggGuoAMCAQICAQEwCgYIKoZIzj0EAwQwODELMAkGA1UEBhMCWFgx\
    FDASBgNVBAoMC0NlcnRzICdyIFVzMRMwEQYDVQQDDApJc3N1aW5nIENBMB4XDTI0\
    MDQwMjEyMzc0N1oXDTI1MDQwMjEyMzc0N1owPDELMAkGA1UEBhMCWFgxFDASBgNV\
    BAoMC0NlcnRzICdyIFVzMRcwFQYDVQQDDA5PQ1NQIFJlc3BvbmRlcjB2MBAGByqG\
    SM49AgEGBSuBBAAiA2IABFsJAbiFIyluuRnVD/oanLN0vE1AlYYoK/7KEbHZWtu1\
    RzSvVwv4K3IozyJrz0wl3bz+Oxo605Qw7/dj4daNLhUdkXILd5W1jaazRjlhOo+5\
    tajaSMZ0cRf5kZ6EJPN+yKOBhzCBhDAdBgNVHQ4EFgQUCuOg/p3UJXaYtety68oM\
    57899fEwHwYDVR0jBBgwFoAUjsIUCWB26pA46TmuG21SxBd9n74wDAYDVR0TAQH/\
    BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwkwDwYJKwYB\
    BQUHMAEFBAIFADAKBggqhkjOPQQDBAOBigAwgYYCQRQqjNYKbGXHdGXfEVvB//i+\
    DiG02hraU9kGNKXeiQcPdZRajQsY/hdZPVyaykkAFVQGv29yWmTrEax+r4oZTtzG\
    AkFJCwtJpi7m00Qx9r/ugNWsnCFSiKUdxuvj7mg9lJtz0hexRJZKFODWJG5dUh//\
    Bc2w8vywgYYoduXu4QLcoP17CA==";

fn der(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

fn time(text: &str) -> UnixTime {
    text.parse().unwrap()
}

#[test]
fn the_request_asks_about_the_certificate_of_that_ca_by_post_and_by_get() {
    let request = der(REQUEST);
    let query = Query::parse(&request).unwrap();
    let issuer = Issuer::new(&Certificate::from_der(der(CA)).unwrap());
    assert!(issuer.is_named_by(&query.first));
    assert_eq!(query.first.algorithm, Some(DigestAlgorithm::Sha256));
    assert_eq!(query.first.parameters, Parameters::Null);
    assert_eq!(query.first.serial, 27_979_789_u32.to_be_bytes());
    assert!(query.others.is_empty() && query.nonce.is_none() && query.signature.is_none());
    // What is signed ahead is about the same octets.
    let serial = query.first.serial;
    let written = issuer.cert_id(DigestAlgorithm::Sha256, serial).unwrap();
    assert_eq!(written, query.first.der);
    assert_eq!(path::candidates(&format!("/{REQUEST}")), [request]);
}

#[test]
fn the_response_is_written_as_we_write_it_and_verifies() {
    let response = der(RESPONSE);
    let basic = BasicResponse::from_response(&response).unwrap();
    let responder = Certificate::from_der(basic.certs()[0].clone()).unwrap();
    let ca = Certificate::from_der(der(CA)).unwrap();
    let verify = |by: &Certificate, algorithm, signed, value| {
        let algorithm = SignatureAlgorithm::from_identifier(algorithm).unwrap();
        let key = PublicKey::from_spki_der(by.spki_der()).unwrap();
        key.verify(algorithm, Message::Bytes(signed), value)
            .unwrap();
    };
    let algorithm = responder.signature_algorithm();
    verify(&ca, algorithm, responder.tbs_der(), responder.signature());
    let algorithm = basic.signature_algorithm();
    verify(&responder, algorithm, basic.tbs_der(), basic.signature());

    let request = der(REQUEST);
    let query = Query::parse(&request).unwrap();
    let window = Window {
        produced_at: time("2024-04-02T12:37:47Z"),
        this_update: time("2024-04-03T12:37:47Z"),
        next_update: time("2024-04-10T12:37:47Z"),
    };
    let single = Single {
        cert_id: query.first.der,
        answer: Answer::Issued(Status::Good),
        archive_cutoff: None,
    };
    let by_key = response::by_key(&key_hash_sha1(responder.public_key_bits()));
    let data = response::response_data(&by_key, window, &[single], None);
    assert_eq!(data, basic.tbs_der());
    let algorithm = der::Encode::to_der(basic.signature_algorithm()).unwrap();
    let signature = write::bit_string(basic.signature());
    let certs = write::tlv(write::SEQUENCE, &[responder.der()]);
    let certs = write::tlv(write::context(0), &[&certs]);
    let ours = response::successful(&[&data, &algorithm, &signature, &certs]);
    assert_eq!(ours, response);
}

/// Section 7.2 has an answer of 19 March 2023 that is asked for a day later and ends another day later.
#[test]
fn the_header_fields_are_those_of_the_answer_to_the_second() {
    let at = time("2023-03-19T01:00:00Z");
    let window = Window {
        produced_at: at,
        this_update: at,
        next_update: time("2023-03-21T01:00:00Z"),
    };
    let signed = Signed::new(der(RESPONSE), window, Status::Good, 1, 1);
    assert_eq!(signed.last_modified, "Sun, 19 Mar 2023 01:00:00 GMT");
    assert_eq!(signed.expires, "Tue, 21 Mar 2023 01:00:00 GMT");
    let digest = DigestAlgorithm::Sha256.digest(&signed.body).to_hex();
    assert_eq!(signed.etag, format!("\"{digest}\"").as_str());
    // Later than thisUpdate, earlier than nextUpdate; a new one is signed before it ends.
    for (now, expected) in [
        ("2023-03-19T01:00:00Z", 86_399),
        ("2023-03-20T00:59:59Z", 0),
        ("2023-03-20T01:00:00Z", 86_399),
        ("2023-03-21T00:59:59Z", 0),
        ("2023-03-21T01:00:00Z", 0),
    ] {
        assert_eq!(signed.max_age(time(now)), expected, "{now}");
    }
}
