//! Services that misbehave, and the messages of version 2. The signatures are real; what makes them is
//! a service of this file. Version 1 is tried on a service that somebody else wrote
//! (`signer-cli/tests/csc.rs`).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ades::net::{
    Authorization, HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse, HttpSettings,
    UreqClient,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csc_client::{AuthMode, CscError, Factors, Login, RemoteSigner, Service};
use hsm_pkcs11::{ErrorKind, KeySpec, PinSource, SignError, Signer, SoftwareKey};
use pki_crypto::{Digest, DigestAlgorithm, KeyKind, Message, PublicKey};
use rcgen::{CertificateParams, PublicKeyData};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

const URL: &str = "https://sign.sceau.example/csc/v2";
const PIN: &str = "correct-horse-4711";

/// What the service does wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Fault {
    #[default]
    None,
    Html,
    Unauthorized,
    Forbidden,
    WrongPin,
    NoSad,
    Fewer,
    More,
    NotBase64,
    OtherKey,
    OtherDigest,
    SadExpiresOnce,
    SadAlwaysExpired,
    TokenExpiresOnce,
    NoLogin,
    /// It repeats the request and who asks.
    Repeats(&'static str),
    LoginRefused,
}

/// A service in this process.
struct Fake {
    key: SoftwareKey,
    other: SoftwareKey,
    certificate: Vec<u8>,
    fault: Fault,
    scal: &'static str,
    multisign: u32,
    auth: Value,
    algorithms: Vec<&'static str>,
    seen: Mutex<Vec<(String, Value, Option<String>)>>,
}

struct Public(PublicKey);

impl PublicKeyData for Public {
    fn der_bytes(&self) -> &[u8] {
        self.0.bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.0.kind() {
            KeyKind::Rsa { .. } => &rcgen::PKCS_RSA_SHA256,
            _ => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

impl Fake {
    fn new(fault: Fault) -> Self {
        Self::with(KeySpec::P256, fault)
    }

    fn with(spec: KeySpec, fault: Fault) -> Self {
        let key = SoftwareKey::generate(spec).unwrap();
        let issuer_key = rcgen::KeyPair::generate().unwrap();
        let issuer_params = CertificateParams::default();
        let issuer = rcgen::Issuer::from_params(&issuer_params, &issuer_key);
        let public = Public(key.public_key().clone());
        let params = CertificateParams::default();
        let certificate = params.signed_by(&public, &issuer).unwrap();
        Self {
            certificate: certificate.der().to_vec(),
            other: SoftwareKey::generate(spec).unwrap(),
            key,
            fault,
            scal: "2",
            multisign: 5,
            auth: json!({ "mode": "explicit", "expression": "PIN", "objects": [
                { "type": "Password", "id": "PIN", "format": "A" } ] }),
            algorithms: vec![
                "1.2.840.10045.4.3.2",
                "1.2.840.113549.1.1.1",
                "1.2.840.113549.1.1.10",
            ],
            seen: Mutex::default(),
        }
    }

    fn count(&self, method: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|(m, _, _)| m == method).count()
    }

    fn last(&self, method: &str) -> Value {
        let seen = self.seen.lock().unwrap();
        let found = seen.iter().rev().find(|(m, _, _)| m == method);
        found.unwrap().1.clone()
    }

    fn answer(&self, method: &str, request: &Value) -> (u16, Value) {
        let refuse = |error: &str, description: &str| {
            (
                400,
                json!({ "error": error, "error_description": description }),
            )
        };
        match method {
            "auth/login" if self.fault == Fault::NoLogin => (404, json!({})),
            "auth/login" if self.fault == Fault::LoginRefused && self.count(method) > 1 => {
                (401, json!({ "error": "invalid_client" }))
            }
            "signatures/signHash" if self.fault == Fault::LoginRefused => {
                (401, json!({ "error": "invalid_token" }))
            }
            "auth/login" | "token" => {
                let n = self.count(method);
                (
                    200,
                    json!({ "access_token": format!("access-{n}"), "expires_in": 3600 }),
                )
            }
            "credentials/list" => (200, json!({ "credentialIDs": ["seal-1"] })),
            "credentials/info" => {
                let certificate = STANDARD.encode(&self.certificate);
                (
                    200,
                    json!({
                        "key": { "status": "enabled", "algo": self.algorithms, "len": 256, "curve": "1.2.840.10045.3.1.7" },
                        "cert": { "status": "valid", "certificates": [certificate] },
                        "auth": self.auth, "SCAL": self.scal, "multisign": self.multisign, "lang": "en-US",
                    }),
                )
            }
            "credentials/authorize" => match self.fault {
                Fault::WrongPin => refuse("invalid_pin", "The PIN is invalid"),
                Fault::NoSad => (202, json!({ "handle": "later" })),
                _ => {
                    let n = self.count(method);
                    (200, json!({ "SAD": format!("sad-{n}"), "expiresIn": 300 }))
                }
            },
            "signatures/signHash" => {
                let first = self.count(method) == 1;
                match self.fault {
                    Fault::SadExpiresOnce if first => {
                        return refuse("invalid_request", "The SAD has expired");
                    }
                    Fault::SadAlwaysExpired => {
                        return refuse("invalid_request", "The SAD has expired");
                    }
                    _ => {}
                }
                let hashes = request["hashes"].as_array().unwrap();
                let mut signatures: Vec<String> = hashes
                    .iter()
                    .map(|hash| {
                        let hash = STANDARD.decode(hash.as_str().unwrap()).unwrap();
                        let mut digest =
                            Digest::from_bytes(DigestAlgorithm::Sha256, &hash).unwrap();
                        if self.fault == Fault::OtherDigest {
                            digest = DigestAlgorithm::Sha256.digest(b"another document");
                        }
                        let key = match self.fault {
                            Fault::OtherKey => &self.other,
                            _ => &self.key,
                        };
                        STANDARD.encode(key.sign(Message::Digest(&digest)).unwrap())
                    })
                    .collect();
                match self.fault {
                    Fault::Fewer => drop(signatures.pop()),
                    Fault::More => signatures.push(signatures[0].clone()),
                    Fault::NotBase64 => signatures[0] = "\u{1b}[2J!".into(),
                    _ => {}
                }
                (200, json!({ "signatures": signatures }))
            }
            _ => (404, json!({})),
        }
    }
}

impl HttpClient for Fake {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let HttpMethod::Post { content_type, body } = request.method else {
            panic!("{request:?}")
        };
        let method = request
            .url
            .strip_prefix(URL)
            .unwrap()
            .trim_start_matches('/')
            .to_owned();
        let body = match content_type {
            "application/json" => serde_json::from_slice(body).unwrap(),
            _ => Value::String(String::from_utf8(body.to_vec()).unwrap()),
        };
        let who = request.authorization.map(|a| match a {
            Authorization::Basic { username, password } => {
                format!("{username}:{}", password.expose_secret())
            }
            Authorization::Bearer(token) => token.expose_secret().to_owned(),
        });
        self.seen
            .lock()
            .unwrap()
            .push((method.clone(), body.clone(), who));
        let (status, answer) = match self.fault {
            Fault::Repeats(where_it_does) if where_it_does == method => {
                let seen = self.seen.lock().unwrap();
                let (_, request, who) = seen.last().unwrap();
                let who = who.clone().unwrap_or_default();
                let basic = STANDARD.encode(&who);
                let said = format!("{request} from {who} ({basic})");
                (400, json!({ "error": &said, "error_description": said }))
            }
            Fault::Html => {
                return Ok(HttpResponse {
                    status: 200,
                    content_type: Some("text/html".into()),
                    body: b"<html>Welcome</html>".to_vec(),
                });
            }
            Fault::Unauthorized => (
                401,
                json!({ "error": "invalid_token", "error_description": "The access token expired" }),
            ),
            Fault::Forbidden => (403, json!("no")),
            Fault::TokenExpiresOnce
                if method == "signatures/signHash" && self.count(&method) == 1 =>
            {
                (401, json!({ "error": "invalid_token" }))
            }
            _ => self.answer(&method, &body),
        };
        Ok(HttpResponse {
            status,
            content_type: Some("application/json".into()),
            body: serde_json::to_vec(&answer).unwrap(),
        })
    }
}

fn factors() -> Factors {
    Factors {
        pin: PinSource::Value(PIN.into()),
        otp: PinSource::None,
    }
}

fn signer(fake: &Arc<Fake>, login: Login) -> Result<RemoteSigner, CscError> {
    let service = Service::new(URL, Arc::clone(fake) as Arc<dyn HttpClient>, login);
    let credential = service.credential(None)?;
    RemoteSigner::new(service, credential, None, factors(), 1)
}

fn sign(fake: &Arc<Fake>) -> Result<(), SignError> {
    let signer = signer(fake, Login::None).map_err(|source| SignError::Remote {
        kind: source.kind(),
        hint: source.hint(),
        source: Arc::new(source),
    })?;
    let value = signer.sign(Message::Bytes(b"a document"))?;
    let checked =
        signer
            .public_key()
            .verify(signer.algorithm(), Message::Bytes(b"a document"), &value);
    checked.unwrap();
    Ok(())
}

#[test]
fn a_message_of_version_2_has_the_names_of_version_1() {
    let fake = Arc::new(Fake::new(Fault::None));
    sign(&fake).unwrap();
    let digest = STANDARD.encode(DigestAlgorithm::Sha256.digest(b"a document").as_bytes());
    let sha256 = "2.16.840.1.101.3.4.2.1";
    assert_eq!(
        fake.last("credentials/authorize"),
        json!({ "credentialID": "seal-1", "numSignatures": 1, "hashes": [digest],
            "hashAlgorithmOID": sha256, "authData": [{ "id": "PIN", "value": PIN }] })
    );
    assert_eq!(
        fake.last("signatures/signHash"),
        json!({ "credentialID": "seal-1", "SAD": "sad-1", "hashes": [digest],
            "hashAlgorithmOID": sha256, "signAlgo": "1.2.840.10045.4.3.2" })
    );
    assert_eq!(
        fake.last("credentials/info"),
        json!({ "credentialID": "seal-1", "certificates": "chain", "authInfo": true })
    );
}

#[test]
fn what_a_faulty_service_returns_becomes_a_signature_or_hides_its_cause() {
    for (fault, kind, said) in [
        (
            Fault::Html,
            ErrorKind::Token,
            "it sends text/html, which is no JSON",
        ),
        (
            Fault::Unauthorized,
            ErrorKind::WrongPin,
            "refuses (401): invalid_token: The access token expired",
        ),
        (
            Fault::Forbidden,
            ErrorKind::WrongPin,
            "answers with status 403",
        ),
        (
            Fault::WrongPin,
            ErrorKind::WrongPin,
            "credentials/authorize refuses (400): invalid_pin: The PIN is invalid",
        ),
        (
            Fault::NoSad,
            ErrorKind::Token,
            "credentials/authorize answers with status 202",
        ),
        (
            Fault::Fewer,
            ErrorKind::Token,
            "returned 0 signatures for 1 digests",
        ),
        (
            Fault::More,
            ErrorKind::Token,
            "returned 2 signatures for 1 digests",
        ),
        (
            Fault::NotBase64,
            ErrorKind::Token,
            "a signature is no base64",
        ),
        (
            Fault::OtherKey,
            ErrorKind::Token,
            "a signature that the certificate's key does not verify",
        ),
        (
            Fault::OtherDigest,
            ErrorKind::Token,
            "a signature that the certificate's key does not verify",
        ),
        (
            Fault::SadAlwaysExpired,
            ErrorKind::Token,
            "The SAD has expired",
        ),
    ] {
        let fake = Arc::new(Fake::new(fault));
        let error = sign(&fake).unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        let text = error.to_string();
        assert!(
            text.contains(said) && text.contains(URL),
            "{fault:?}: {text}"
        );
        assert!(error.hint().is_some(), "{fault:?}");
        let all = format!("{text} {error:?} {:?}", error.hint());
        assert!(
            !all.contains(PIN) && !all.contains("sad-"),
            "{fault:?}: {all}"
        );
        assert!(!all.contains('\u{1b}'), "{fault:?}");
        assert!(fake.count("signatures/signHash") <= 2 && fake.count("credentials/authorize") <= 2);
    }
}

#[test]
fn a_service_that_repeats_what_it_was_sent_has_secrets_printed() {
    const ODD: &str = "p\"in%é\\4711";
    let escaped = serde_json::to_string(ODD).unwrap();
    for (method, login) in [
        ("auth/login", true),
        ("credentials/list", true),
        ("credentials/authorize", true),
        ("credentials/authorize", false),
        ("signatures/signHash", false),
        ("token", false),
    ] {
        let fake = Arc::new(Fake::new(Fault::Repeats(method)));
        let login = match (method, login) {
            ("token", _) => Login::ClientCredentials {
                token_url: format!("{URL}/token"),
                id: "acme".into(),
                secret: "open sesame".into(),
            },
            (_, true) => Login::Basic {
                username: "acme".into(),
                password: "open sesame".into(),
            },
            _ => Login::Bearer("bearer-token".into()),
        };
        let service = Service::new(URL, Arc::clone(&fake) as Arc<dyn HttpClient>, login);
        let pin = Factors {
            pin: PinSource::Value(ODD.into()),
            otp: PinSource::None,
        };
        let error = service
            .credential(None)
            .and_then(|credential| RemoteSigner::new(service, credential, None, pin, 1))
            .map_err(|e| format!("{e} {e:?}"))
            .and_then(|signer| {
                let signed = signer.sign(Message::Bytes(b"x"));
                signed.map_err(|e| match e {
                    SignError::Remote { source, .. } => format!("{source} {source:?}"),
                    other => other.to_string(),
                })
            })
            .unwrap_err();
        let basic = STANDARD.encode("acme:open sesame");
        for secret in [
            ODD,
            escaped.trim_matches('"'),
            "4711",
            "open sesame",
            "open+sesame",
            "sad-",
            "access-",
            "bearer-token",
            basic.trim_end_matches('='),
        ] {
            assert!(!error.contains(secret), "{method}: {secret}: {error}");
        }
        assert!(error.contains("[secret]"), "{method}: {error}");
        assert!(error.chars().count() < 2000, "{method}: {error}");
    }
}

#[test]
fn a_wrong_pin_is_sent_until_the_credential_is_locked() {
    let fake = Arc::new(Fake::new(Fault::WrongPin));
    let remote = signer(&fake, Login::None).unwrap();
    for n in 0..5u8 {
        remote.sign(Message::Bytes(&[n])).unwrap_err();
    }
    assert_eq!(fake.count("credentials/authorize"), 1);

    // A person who types it is asked again, but not for ever.
    let fake = Arc::new(Fake::new(Fault::WrongPin));
    let service = Service::new(URL, Arc::clone(&fake) as Arc<dyn HttpClient>, Login::None);
    let credential = service.credential(None).unwrap();
    let asked = Mutex::new(0);
    let typed = Factors {
        pin: PinSource::Prompt(Arc::new(move |_| {
            let mut asked = asked.lock().unwrap();
            *asked += 1;
            Ok(format!("attempt {asked}").into())
        })),
        otp: PinSource::None,
    };
    let remote = RemoteSigner::new(service, credential, None, typed, 1).unwrap();
    for n in 0..5u8 {
        remote.sign(Message::Bytes(&[n])).unwrap_err();
    }
    assert_eq!(fake.count("credentials/authorize"), 2);
}

#[test]
fn a_refused_login_is_sent_until_the_account_is_locked() {
    let fake = Arc::new(Fake::new(Fault::LoginRefused));
    let password = Login::Basic {
        username: "acme".into(),
        password: "open sesame".into(),
    };
    let remote = signer(&fake, password).unwrap();
    for n in 0..5u8 {
        let error = remote.sign(Message::Bytes(&[n])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPin, "{error}");
    }
    assert_eq!(fake.count("auth/login"), 2);
}

#[test]
fn a_redirect_takes_secrets_to_another_server() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/csc/v2", listener.local_addr().unwrap());
    let target = format!("http://{}/", elsewhere.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"{}") {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let http = UreqClient::new(HttpSettings {
        total_timeout: Duration::from_secs(5),
        proxy: ades::net::ProxySetting::Direct,
        ..HttpSettings::default()
    });
    let service = Service::new(&url, Arc::new(http), Login::None);
    let error = service.credentials().unwrap_err();
    assert!(
        error.to_string().contains("redirects to another server"),
        "{error}"
    );
    assert!(elsewhere.accept().is_err());
    server.join().unwrap();
}

#[test]
fn expired_activation_data_are_used_for_ever_or_not_renewed() {
    let fake = Arc::new(Fake::new(Fault::SadExpiresOnce));
    sign(&fake).unwrap();
    assert_eq!(fake.count("credentials/authorize"), 2);
    assert_eq!(fake.last("signatures/signHash")["SAD"], "sad-2");
}

#[test]
fn threads_that_sign_together_are_authorised_one_by_one() {
    let mut fake = Fake::new(Fault::None);
    fake.scal = "1";
    fake.multisign = 10;
    let fake = Arc::new(fake);
    let service = Service::new(URL, Arc::clone(&fake) as Arc<dyn HttpClient>, Login::None);
    let credential = service.credential(Some("seal-1")).unwrap();
    let signer = RemoteSigner::new(service, credential, None, factors(), 1000).unwrap();
    let values: Mutex<BTreeSet<Vec<u8>>> = Mutex::default();
    thread::scope(|scope| {
        for n in 0..8u8 {
            let (signer, values) = (&signer, &values);
            scope.spawn(move || {
                for m in 0..5u8 {
                    let document = [n, m];
                    let value = signer.sign(Message::Bytes(&document)).unwrap();
                    let key = signer.public_key();
                    key.verify(signer.algorithm(), Message::Bytes(&document), &value)
                        .unwrap();
                    values.lock().unwrap().insert(value);
                }
            });
        }
    });
    assert_eq!(values.lock().unwrap().len(), 40);
    // Ten signatures for each authorisation, but for those that a group did not use up.
    let authorised = fake.count("credentials/authorize");
    assert!((4..=12).contains(&authorised), "{authorised}");
    for (method, request, _) in &*fake.seen.lock().unwrap() {
        if method == "credentials/authorize" {
            assert_eq!(request["numSignatures"], 10);
            assert!(request.get("hashes").is_none(), "not bound: {request}");
        }
        if method == "signatures/signHash" {
            assert!(request["hashes"].as_array().unwrap().len() <= 10);
        }
    }
}

#[test]
fn one_failed_request_leaves_threads_waiting_or_is_told_to_one_only() {
    let fake = Arc::new(Fake::new(Fault::OtherKey));
    let signer = signer(&fake, Login::None).unwrap();
    let failed = Mutex::new(0);
    thread::scope(|scope| {
        for n in 0..8u8 {
            let (signer, failed) = (&signer, &failed);
            scope.spawn(move || {
                signer.sign(Message::Bytes(&[n])).unwrap_err();
                *failed.lock().unwrap() += 1;
            });
        }
    });
    assert_eq!(*failed.lock().unwrap(), 8);
}

#[test]
fn a_login_is_not_renewed_or_its_password_goes_everywhere() {
    let basic = || Login::Basic {
        username: "acme".into(),
        password: "opensesame".into(),
    };
    let fake = Arc::new(Fake::new(Fault::TokenExpiresOnce));
    let remote = signer(&fake, basic()).unwrap();
    remote.sign(Message::Bytes(b"x")).unwrap();
    assert_eq!(fake.count("auth/login"), 2);
    for (method, _, who) in &*fake.seen.lock().unwrap() {
        let who = who.as_deref().unwrap();
        assert_eq!(
            who == "acme:opensesame",
            method == "auth/login",
            "{method}: {who}"
        );
    }
    assert!(!format!("{remote:?}").contains("sesame"));

    let fake = Arc::new(Fake::new(Fault::NoLogin));
    signer(&fake, basic())
        .unwrap()
        .sign(Message::Bytes(b"x"))
        .unwrap();
    assert_eq!(
        fake.seen.lock().unwrap().last().unwrap().2.as_deref(),
        Some("acme:opensesame")
    );

    let fake = Arc::new(Fake::new(Fault::None));
    let grant = Login::ClientCredentials {
        token_url: format!("{URL}/token"),
        id: "acme & co".into(),
        secret: "a=b".into(),
    };
    signer(&fake, grant)
        .unwrap()
        .sign(Message::Bytes(b"x"))
        .unwrap();
    assert_eq!(
        fake.last("token"),
        "grant_type=client_credentials&client_id=acme+%26+co&client_secret=a%3Db"
    );
    assert_eq!(
        fake.seen.lock().unwrap().last().unwrap().2.as_deref(),
        Some("access-1")
    );

    // A token that is given cannot be renewed: no second try.
    let fake = Arc::new(Fake::new(Fault::Unauthorized));
    signer(&fake, Login::Bearer("t".into())).unwrap_err();
    assert_eq!(fake.seen.lock().unwrap().len(), 1);
}

#[test]
fn a_credential_that_cannot_sign_is_authorised() {
    let credential = |change: fn(&mut Fake)| {
        let mut fake = Fake::new(Fault::None);
        change(&mut fake);
        let fake = Arc::new(fake);
        let result = sign(&fake);
        assert_eq!(fake.count("signatures/signHash"), 0);
        result.unwrap_err().to_string()
    };
    let said = credential(|fake| fake.auth = json!({ "mode": "oauth2code" }));
    assert!(
        said.contains("in the mode oauth2code, which needs a browser"),
        "{said}"
    );
    let said = credential(|fake| fake.algorithms = vec!["1.3.101.112"]);
    assert!(
        said.contains("does not sign with ECDSA with SHA-256"),
        "{said}"
    );
    let said = credential(|fake| fake.certificate.truncate(40));
    assert!(said.contains("its certificate is unreadable"), "{said}");
    let said = credential(|fake| {
        fake.auth = json!({ "mode": "explicit", "objects": [
            { "type": "Password", "id": "PIN" }, { "type": "SMS OTP", "id": "OTP1" } ] });
    });
    assert!(said.contains("wants a one-time password"), "{said}");
}

#[test]
fn pss_parameters_or_the_general_rsa_identifier_are_left_out() {
    let fake = Arc::new(Fake::with(KeySpec::RSA3072, Fault::None));
    sign(&fake).unwrap();
    let request = fake.last("signatures/signHash");
    assert_eq!(request["signAlgo"], "1.2.840.113549.1.1.1");
    let fake = Arc::new(Fake::with(KeySpec::RSA3072_PSS, Fault::None));
    let service = Service::new(URL, Arc::clone(&fake) as Arc<dyn HttpClient>, Login::None);
    let credential = service.credential(None).unwrap();
    assert!(matches!(
        &credential.mode,
        AuthMode::Explicit {
            pin: Some(_),
            otp: None
        }
    ));
    let algorithm = Some(KeySpec::RSA3072_PSS.algorithm);
    let signer = RemoteSigner::new(service, credential, algorithm, factors(), 1).unwrap();
    let value = signer.sign(Message::Bytes(b"x")).unwrap();
    let key = signer.public_key();
    key.verify(KeySpec::RSA3072_PSS.algorithm, Message::Bytes(b"x"), &value)
        .unwrap();
    let request = fake.last("signatures/signHash");
    assert_eq!(request["signAlgo"], "1.2.840.113549.1.1.10");
    let parameters = STANDARD
        .decode(request["signAlgoParams"].as_str().unwrap())
        .unwrap();
    assert_eq!(parameters[0], 0x30);
}

#[test]
fn a_service_that_does_not_answer_is_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/csc/v2", listener.local_addr().unwrap());
    let silent = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        thread::sleep(Duration::from_secs(2));
        drop(stream);
    });
    let http = UreqClient::new(HttpSettings {
        total_timeout: Duration::from_millis(300),
        proxy: ades::net::ProxySetting::Direct,
        ..HttpSettings::default()
    });
    let service = Service::new(&url, Arc::new(http), Login::None);
    let error = service.credentials().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(error.to_string().contains(&url), "{error}");
    silent.join().unwrap();
}
