//! Answers of time-stamp authorities and OCSP responders.

use std::sync::Arc;

use ades::net::{HttpClient, HttpError, HttpRequest, HttpResponse};
use ades::tsp::{Client, TimeStamper as _, Token};
use der::Decode as _;
use der::Encode as _;
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::tsp::{TimeStampResp, TstInfo};
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Digest, DigestAlgorithm};
use pki_path::{
    CertificatePool, Evidence, Parameters, RevocationMode, RevocationStatus, TrustAnchor, Validator,
};

const AUTHORITY: &[u8] = include_bytes!("responder/authority.der");
const SUBJECT: &[u8] = include_bytes!("responder/subject.der");
/// Everything that the authority and its responder ever signed about the subject.
const SIGNED: [&[u8]; 5] = [
    include_bytes!("../corpus/ocsp-response/good-ca-sha1"),
    include_bytes!("../corpus/ocsp-response/good-ca-sha256"),
    include_bytes!("../corpus/ocsp-response/revoked-ocsp-sha1"),
    include_bytes!("../corpus/ocsp-response/revoked-ocsp-sha256"),
    include_bytes!("../corpus/ocsp-response/unknown"),
];

/// The answer to a query whose nonce nobody else knows is never taken; a token that is good by itself is one
/// over its own imprint and no other, and says the same when it is read by itself.
pub(crate) fn tsp_response(input: &[u8]) {
    let client = Client::new(
        Arc::new(Everybody(input.to_vec())),
        vec!["http://tsa.example/".into()],
    );
    let imprint = DigestAlgorithm::Sha256.digest(b"content");
    assert!(client.time_stamp(&imprint).is_err());
    let Ok(response) = TimeStampResp::from_der(input) else {
        return;
    };
    let Some(token) = response.time_stamp_token.and_then(|t| t.to_der().ok()) else {
        return;
    };
    let Ok(data) = ades::cms::parse::SignedData::parse(&token) else {
        return;
    };
    let Some(info) = (data.content.as_deref()).and_then(|c| TstInfo::from_der(c).ok()) else {
        return;
    };
    let named = DigestAlgorithm::from_oid(&info.message_imprint.hash_algorithm.oid);
    let value = info.message_imprint.hashed_message.as_bytes();
    let Some(own) = named.and_then(|algorithm| Digest::from_bytes(algorithm, value)) else {
        return;
    };
    if let Ok(token) = Token::verify(token.clone(), &own) {
        assert_eq!(token.time(), info.gen_time.0.into());
        assert!(token.certificate().is_valid_at(token.time()));
    }
    let other = DigestAlgorithm::Sha256.digest(b"other content");
    assert!(Token::verify(token, &other).is_err());
}

/// What a responder says of a certificate counts only as its authority signed it.
pub(crate) fn ocsp_response(input: &[u8]) {
    let Ok(response) = BasicResponse::from_response(input) else {
        return;
    };
    let certificate = |der: &[u8]| Certificate::from_der(der.to_vec()).unwrap();
    let (authority, subject) = (certificate(AUTHORITY), certificate(SUBJECT));
    let signed = |der: &[u8]| BasicResponse::from_response(der).unwrap();
    let known = SIGNED.map(signed).map(|r| r.tbs_der().to_vec());
    let is_known = known.iter().any(|tbs| tbs == response.tbs_der());
    let mut pool: CertificatePool = [subject.clone()].into_iter().collect();
    pool.extend((response.certs().iter()).filter_map(|c| Certificate::from_der(c.clone()).ok()));
    let mut evidence = Evidence::new();
    evidence.add_ocsp(response);
    let mut parameters = Parameters::at(UnixTime::from_secs(2_000_000_000));
    parameters.revocation = RevocationMode::Soft;
    let anchors = [TrustAnchor::from_certificate(authority).unwrap()];
    let path = Validator::new(&anchors, &pool, &evidence, parameters).validate(&subject);
    let says_something = match &path {
        Err(_) => true,
        Ok(path) => matches!(path.revocation().first(), Some(RevocationStatus::Good(_))),
    };
    assert!(is_known || !says_something, "{path:?}");
}

/// Every server answers the same.
struct Everybody(Vec<u8>);

impl HttpClient for Everybody {
    fn send(&self, _: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        Ok(HttpResponse {
            status: 200,
            content_type: None,
            body: self.0.clone(),
        })
    }
}
