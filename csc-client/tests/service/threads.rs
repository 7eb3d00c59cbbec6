//! Many threads with one credential.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::thread;

use ades::net::HttpClient;
use csc_client::{Login, RemoteSigner, Service};
use hsm_pkcs11::Signer as _;
use pki_crypto::Message;

use crate::fake::{Fake, Fault, URL, factors, signer};

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
