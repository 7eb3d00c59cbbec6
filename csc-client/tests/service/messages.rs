//! What is sent, and which credentials are not asked.

use std::sync::Arc;

use ades::net::HttpClient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csc_client::{AuthMode, Login, RemoteSigner, Service};
use hsm_pkcs11::{KeySpec, Signer as _};
use pki_crypto::{DigestAlgorithm, Message};
use serde_json::json;

use crate::fake::{Fake, Fault, PIN, URL, factors, sign};

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
