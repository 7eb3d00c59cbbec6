//! CAdES with ML-DSA (RFC 9882), verified by `cryptography` with a certificate (RFC 9881) that it issued.
#![cfg(feature = "ml-dsa")]
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use ades::cades::{CadesOptions, sign_detached};
use ades::cms::build::CmsSigner;
use common::python;
use hsm_pkcs11::{KeySpec, Signer as _, SoftwareKey};
use pki_asn1::{Certificate, Clock as _, SystemClock, pem};
use pki_crypto::{Message, MlDsa, PublicKey};

/// The judge of the end-to-end suites, called for one answer.
const ASK: &str = "import sys, json; sys.path.insert(0, sys.argv[1]); import signatures; \
                   print(json.dumps(getattr(signatures, sys.argv[2])(json.loads(sys.argv[3]))))";

#[test]
fn cades_with_ml_dsa_is_verified_by_another_implementation() {
    let dir = tempfile::tempdir().unwrap();
    let judges = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/judges");
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let ask = |what: &str, request: serde_json::Value| {
        python(&["-c", ASK, judges, what, &request.to_string()])
    };
    std::fs::write(path("content"), "What is agreed.").unwrap();
    for set in MlDsa::ALL {
        let key = SoftwareKey::generate(KeySpec::ml_dsa(set)).unwrap();
        std::fs::write(path("key"), key.public_key().spki_der()).unwrap();
        let request = serde_json::json!({ "root": path("root"), "keys": [path("key")] });
        if ask("certify", request).is_none() {
            return;
        }
        let text = std::fs::read(path("key.pem")).unwrap();
        let der = pem::blocks(&text).unwrap().remove(0).der;
        let certificate = Certificate::from_der(der).unwrap();
        let public = PublicKey::from_spki_der(certificate.spki_der()).unwrap();
        assert_eq!(public, *key.public_key());
        let own = key.sign(Message::Bytes(b"x")).unwrap();
        let algorithm = key.algorithm();
        public
            .verify(algorithm, Message::Bytes(b"x"), &own)
            .unwrap();
        let signer = CmsSigner::new(Arc::new(key), certificate, &[]).unwrap();
        let mut signature = Vec::new();
        let options = CadesOptions::new(SystemClock.now());
        let content = std::fs::read(path("content")).unwrap();
        sign_detached(&mut &content[..], &mut signature, &signer, &options, None).unwrap();
        std::fs::write(path("signature"), &signature).unwrap();
        let request = serde_json::json!({ "path": path("signature"), "content": path("content") });
        let answer = ask("signature", request).unwrap();
        assert!(answer.contains(&set.to_string()), "{answer}");
        assert!(answer.contains("sha512"), "{answer}");
    }
}
