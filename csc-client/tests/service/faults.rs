//! Answers that are none, and activation data that ran out.

use std::sync::Arc;

use hsm_pkcs11::ErrorKind;

use crate::fake::{Fake, Fault, PIN, URL, sign};

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
fn expired_activation_data_are_used_for_ever_or_not_renewed() {
    let fake = Arc::new(Fake::new(Fault::SadExpiresOnce));
    sign(&fake).unwrap();
    assert_eq!(fake.count("credentials/authorize"), 2);
    assert_eq!(fake.last("signatures/signHash")["SAD"], "sad-2");
}
