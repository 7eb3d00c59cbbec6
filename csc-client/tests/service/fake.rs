//! A service in this process, whose signatures are real, and what it can do wrong.

use std::sync::{Arc, Mutex};

use ades::net::{Authorization, HttpClient, HttpError, HttpMethod, HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csc_client::{CscError, Factors, Login, RemoteSigner, Service};
use hsm_pkcs11::{KeySpec, PinSource, SignError, Signer, SoftwareKey};
use pki_crypto::{Digest, DigestAlgorithm, KeyKind, Message, PublicKey};
use rcgen::{CertificateParams, PublicKeyData};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

pub(crate) const URL: &str = "https://sign.sceau.example/csc/v2";
pub(crate) const PIN: &str = "correct-horse-4711";

/// What the service does wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Fault {
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
pub(crate) struct Fake {
    key: SoftwareKey,
    other: SoftwareKey,
    pub(crate) certificate: Vec<u8>,
    pub(crate) fault: Fault,
    pub(crate) scal: &'static str,
    pub(crate) multisign: u32,
    pub(crate) auth: Value,
    pub(crate) algorithms: Vec<&'static str>,
    pub(crate) seen: Mutex<Vec<(String, Value, Option<String>)>>,
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
    pub(crate) fn new(fault: Fault) -> Self {
        Self::with(KeySpec::P256, fault)
    }

    pub(crate) fn with(spec: KeySpec, fault: Fault) -> Self {
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

    pub(crate) fn count(&self, method: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|(m, _, _)| m == method).count()
    }

    pub(crate) fn last(&self, method: &str) -> Value {
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

pub(crate) fn factors() -> Factors {
    Factors {
        pin: PinSource::Value(PIN.into()),
        otp: PinSource::None,
    }
}

pub(crate) fn signer(fake: &Arc<Fake>, login: Login) -> Result<RemoteSigner, CscError> {
    let service = Service::new(URL, Arc::clone(fake) as Arc<dyn HttpClient>, login);
    let credential = service.credential(None)?;
    RemoteSigner::new(service, credential, None, factors(), 1)
}

pub(crate) fn sign(fake: &Arc<Fake>) -> Result<(), SignError> {
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
