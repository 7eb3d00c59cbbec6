//! Who is told PINs and passwords, and how often.

use std::sync::{Arc, Mutex};

use ades::net::HttpClient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csc_client::{Factors, Login, RemoteSigner, Service};
use hsm_pkcs11::{ErrorKind, PinSource, SignError, Signer as _};
use pki_crypto::Message;

use crate::fake::{Fake, Fault, URL, signer};

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
