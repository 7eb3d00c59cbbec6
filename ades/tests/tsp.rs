//! The time-stamp client against OpenSSL as an authority, and against authorities that lie.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ades::cms::build::{CmsSigner, Embed};
use ades::net::{HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse};
use ades::tsp::{Client, TimeStamper, Token, TspError, TspFault};
use common::{Hierarchy, Usage, accepts};
use der::asn1::{Int, OctetString};
use der::{Any, Decode, Encode};
use hsm_pkcs11::KeySpec;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::tsp::{GenTime, PkiFailureInfo, PkiStatusInfo, TimeStampReq, TimeStampResp, TstInfo};
use pki_asn1::{Clock, SystemClock, UnixTime};
use pki_crypto::DigestAlgorithm;

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.9");

/// What an authority does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    Refused,
    Html,
    NotFound,
    Rejection,
    OtherImprint,
    OtherNonce,
    NoNonce,
    NoCertificate,
    SigningCertificate,
    WrongSignature,
    LongAgo,
    Ahead,
    BeforeItsTime,
    NoToken,
    Truncated,
}

struct Authority {
    tsu: CmsSigner,
    wrong: CmsSigner,
    fault: Fault,
}

impl Authority {
    fn new(pki: &Hierarchy, fault: Fault) -> Self {
        let signer = |usage| {
            let identity = pki.issue("Time-stamping unit", KeySpec::P256, usage);
            CmsSigner::new(identity.key, identity.certificate, &[]).unwrap()
        };
        Self {
            tsu: signer(Usage::TimeStamping),
            wrong: signer(Usage::Signing),
            fault,
        }
    }

    fn token(&self, request: &TimeStampReq) -> Vec<u8> {
        let mut imprint = request.message_imprint.clone();
        if self.fault == Fault::OtherImprint {
            imprint.hashed_message = OctetString::new(vec![7; 32]).unwrap();
        }
        let time = match self.fault {
            Fault::LongAgo => UnixTime::from_secs(1_600_000_000),
            // Validation takes a time-stamp from the future for none.
            Fault::Ahead => SystemClock.now() + Duration::from_secs(400),
            Fault::BeforeItsTime => UnixTime::EPOCH,
            _ => SystemClock.now(),
        };
        let info = TstInfo {
            version: 1,
            policy: POLICY,
            message_imprint: imprint,
            serial_number: Int::new(&[1]).unwrap(),
            gen_time: GenTime(time.to_generalized()),
            accuracy: None,
            ordering: false,
            nonce: match self.fault {
                Fault::OtherNonce => Some(Int::new(&[9]).unwrap()),
                Fault::NoNonce => None,
                _ => request.nonce.clone(),
            },
            tsa: None,
            extensions: None,
        }
        .to_der()
        .unwrap();
        let signer = match self.fault {
            Fault::SigningCertificate => &self.wrong,
            _ => &self.tsu,
        };
        let digest = signer.digest_algorithm().digest(&info);
        let signed = signer.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
        let embed = match self.fault {
            Fault::NoCertificate => Embed::Nothing,
            _ => Embed::Certificates,
        };
        let mut token = signed.embed(embed).attached(&info);
        if self.fault == Fault::WrongSignature {
            // The last octets are the signature's.
            *token.last_mut().unwrap() ^= 1;
        }
        token
    }
}

impl HttpClient for Authority {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let HttpMethod::Post { content_type, body } = request.method else {
            panic!("time-stamps are asked for with POST");
        };
        assert_eq!(content_type, "application/timestamp-query");
        let answer = |status, kind: &str, body: Vec<u8>| {
            Ok(HttpResponse {
                status,
                content_type: Some(kind.into()),
                body,
            })
        };
        match self.fault {
            Fault::Refused => {
                return Err(HttpError::Connection {
                    url: request.url.into(),
                    reason: "connection refused".into(),
                });
            }
            Fault::Html => return answer(200, "text/html", b"<!doctype html>".to_vec()),
            Fault::NotFound => return answer(404, "text/html", Vec::new()),
            _ => {}
        }
        let query = TimeStampReq::from_der(body).unwrap();
        assert!(query.cert_req && query.nonce.is_some());
        let rejected = self.fault == Fault::Rejection;
        let no_token = rejected || self.fault == Fault::NoToken;
        let mut response = TimeStampResp {
            status: PkiStatusInfo {
                status: if rejected { 2 } else { 0 },
                status_string: rejected.then(|| vec!["not for you\u{1b}[2J".into()]),
                fail_info: rejected
                    .then(|| PkiFailureInfo::UnacceptedPolicy.to_bit_string().unwrap()),
            },
            time_stamp_token: (!no_token).then(|| Any::from_der(&self.token(&query)).unwrap()),
        }
        .to_der()
        .unwrap();
        if self.fault == Fault::Truncated {
            response.truncate(response.len() - 10);
        }
        answer(200, "application/timestamp-reply", response)
    }
}

fn ask(authority: Authority) -> Result<Token, TspError> {
    let client = Client::new(
        Arc::new(authority),
        vec!["http://tsa.sceau.example/".into()],
    );
    client.time_stamp(&DigestAlgorithm::Sha256.digest(b"data"))
}

#[test]
fn an_authority_that_lies_is_not_believed() {
    let pki = Hierarchy::new();
    for (fault, expected) in [
        (Fault::Refused, "connection refused"),
        (Fault::Html, "text/html"),
        (Fault::NotFound, "HTTP status 404"),
        (Fault::Rejection, "unacceptedPolicy (not for you[2J)"),
        (Fault::OtherImprint, "another imprint"),
        (Fault::OtherNonce, "nonce"),
        (Fault::NoNonce, "nonce"),
        (Fault::NoCertificate, "does not contain the certificate"),
        (Fault::SigningCertificate, "not one for time-stamping"),
        (Fault::WrongSignature, "signature of its token is wrong"),
        (Fault::LongAgo, "s behind this system's"),
        (Fault::Ahead, "s ahead of this system's"),
        (Fault::BeforeItsTime, "was not valid at 1970-01-01"),
        (Fault::NoToken, "there is no token"),
        (Fault::Truncated, "not with a time-stamp response"),
    ] {
        let error = ask(Authority::new(&pki, fault)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(expected), "{fault:?}: {text}");
        assert!(text.contains("tsa.sceau.example"), "{fault:?}: {text}");
        assert!(error.hint().is_some(), "{fault:?}");
        assert_eq!(error.is_temporary(), fault == Fault::Refused);
    }
}

#[test]
fn imprints_are_made_with_the_digest_that_is_configured() {
    let pki = Hierarchy::new();
    let authority = Arc::new(Authority::new(&pki, Fault::None));
    let client = Client::new(authority, vec!["http://tsa.sceau.example/".into()])
        .with_digest(DigestAlgorithm::Sha512);
    assert_eq!(client.digest_algorithm(), DigestAlgorithm::Sha512);
    let imprint = client.digest_algorithm().digest(b"data");
    let token = client.time_stamp(&imprint).unwrap();
    let data = ades::cms::parse::SignedData::parse(token.der()).unwrap();
    let info = TstInfo::from_der(&data.content.unwrap()).unwrap();
    assert_eq!(
        info.message_imprint.hash_algorithm.oid,
        DigestAlgorithm::Sha512.oid()
    );
}

#[test]
fn an_authority_that_failed_is_asked_after_the_others_for_a_while() {
    /// Nobody is at the first address; remembers who is asked.
    struct Counting(Authority, std::sync::Mutex<Vec<String>>);
    impl HttpClient for Counting {
        fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
            self.1.lock().unwrap().push(request.url.to_owned());
            if request.url.contains("first") {
                return Err(HttpError::HostNotFound {
                    url: request.url.to_owned(),
                });
            }
            self.0.send(request)
        }
    }
    let pki = Hierarchy::new();
    let http = Arc::new(Counting(
        Authority::new(&pki, Fault::None),
        std::sync::Mutex::default(),
    ));
    let urls = vec!["http://first/".to_owned(), "http://second/".to_owned()];
    let client = Client::new(http.clone(), urls);
    for _ in 0..3 {
        client
            .time_stamp(&DigestAlgorithm::Sha256.digest(b"data"))
            .unwrap();
    }
    let asked = http.1.lock().unwrap().clone();
    let second = "http://second/";
    assert_eq!(asked, ["http://first/", second, second, second]);
}

#[test]
fn the_second_authority_is_asked_when_the_first_fails() {
    struct Two(Authority, Authority);
    impl HttpClient for Two {
        fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
            if request.url.contains("first") {
                &self.0
            } else {
                &self.1
            }
            .send(request)
        }
    }
    let pki = Hierarchy::new();
    let urls = || {
        vec![
            "http://first.sceau.example/".into(),
            "http://second.sceau.example/".into(),
        ]
    };
    let imprint = DigestAlgorithm::Sha256.digest(b"data");
    let good = Two(
        Authority::new(&pki, Fault::OtherNonce),
        Authority::new(&pki, Fault::None),
    );
    let client = Client::new(Arc::new(good), urls());
    assert_eq!(client.time_stamp(&imprint).unwrap().policy(), &POLICY);
    let bad = Two(
        Authority::new(&pki, Fault::Html),
        Authority::new(&pki, Fault::Refused),
    );
    let error = Client::new(Arc::new(bad), urls())
        .time_stamp(&imprint)
        .unwrap_err();
    let TspError::NoToken { attempts } = error else {
        panic!("{error}");
    };
    assert_eq!(attempts.len(), 2);
    assert!(matches!(attempts[0].fault, TspFault::NotAResponse { .. }));
}

#[test]
fn a_policy_that_was_not_asked_for_is_refused() {
    let pki = Hierarchy::new();
    let client = Client::new(
        Arc::new(Authority::new(&pki, Fault::None)),
        vec!["http://tsa.sceau.example/".into()],
    )
    .with_policy(oid::POLICY_BTSP);
    let error = client
        .time_stamp(&DigestAlgorithm::Sha256.digest(b"data"))
        .unwrap_err();
    assert!(error.to_string().contains("not 0.4.0.2023.1.1"), "{error}");
}

#[test]
fn openssl_accepts_tokens_that_cms_build_makes() {
    let pki = Hierarchy::new();
    let authority = Authority::new(&pki, Fault::None);
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let token = ask(authority).unwrap();
    std::fs::write(path("token"), token.der()).unwrap();
    std::fs::write(path("data"), b"data").unwrap();
    let root = pki.write_root(dir.path());
    let issuing = pki_asn1::pem::encode("CERTIFICATE", pki.issuing.der()).unwrap();
    std::fs::write(path("issuing.pem"), issuing).unwrap();
    accepts(
        "openssl",
        &[
            "ts",
            "-verify",
            "-in",
            &path("token"),
            "-token_in",
            "-data",
            &path("data"),
            "-CAfile",
            &root,
            "-untrusted",
            &path("issuing.pem"),
        ],
    );
}

/// `openssl ts -reply` as the authority.
struct OpensslAuthority {
    dir: tempfile::TempDir,
}

impl OpensslAuthority {
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(
            path("tsa.cnf"),
            format!(
                "[tsa]\ndefault_tsa = t\n[t]\nserial = {0}/serial\ncrypto_device = builtin\n\
                 signer_cert = {0}/tsu.pem\nsigner_key = {0}/tsu.key\nsigner_digest = sha256\n\
                 default_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1, millisecs:500\n\
                 ordering = yes\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n",
                dir.path().display()
            ),
        )
        .unwrap();
        let (key, cert) = (path("tsu.key"), path("tsu.pem"));
        let args = [
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            &key,
            "-out",
            &cert,
            "-days",
            "2",
            "-subj",
            "/CN=OpenSSL TSU",
            "-addext",
            "extendedKeyUsage=critical,timeStamping",
            "-addext",
            "keyUsage=critical,digitalSignature",
        ];
        common::tool("openssl", &args)?;
        Some(Self { dir })
    }
}

impl HttpClient for OpensslAuthority {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let HttpMethod::Post { body, .. } = request.method else {
            panic!("not a POST");
        };
        let path = |name: &str| self.dir.path().join(name);
        std::fs::write(path("query"), body).unwrap();
        let status = Command::new("openssl")
            .args(["ts", "-reply", "-config"])
            .arg(path("tsa.cnf"))
            .arg("-queryfile")
            .arg(path("query"))
            .arg("-out")
            .arg(path("reply"))
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
        Ok(HttpResponse {
            status: 200,
            content_type: None,
            body: std::fs::read(path("reply")).unwrap(),
        })
    }
}

#[test]
fn tokens_of_openssl_are_understood() {
    let Some(authority) = OpensslAuthority::new() else {
        return;
    };
    let client = Client::new(
        Arc::new(authority),
        vec!["http://tsa.sceau.example/".into()],
    );
    let unknown = client.expected_len();
    let token = client
        .time_stamp(&DigestAlgorithm::Sha256.digest(b"data"))
        .unwrap();
    assert_eq!(token.policy().to_string(), "1.2.3.4");
    assert!(
        token
            .certificate()
            .display_subject()
            .to_string()
            .contains("OpenSSL TSU")
    );
    assert!(client.expected_len() < unknown);
}
