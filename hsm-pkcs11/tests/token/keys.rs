//! Keys: made, found, opened and used.

use super::*;

#[test]
fn both_backends_behave_alike() {
    if !on_softhsm("keys::both_backends_behave_alike") {
        return;
    }
    for spec in [
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::P521,
        KeySpec::RSA3072,
        KeySpec::RSA3072_PSS,
        KeySpec::ED25519,
    ] {
        let label = format!("alike-{spec}");
        let uri = format!("pkcs11:token=main;object={label}");
        let key = make(&uri, spec);
        assert_eq!(key.signer.protection(), Protection::Token);
        behaves(&key, spec);
        let again = OpenOptions {
            algorithm: Some(spec.algorithm),
            ..OpenOptions::default()
        };
        let again = open(&at(&uri), &pass(PIN), &again).unwrap();
        assert_eq!(again.signer.public_key(), key.signer.public_key());
        behaves(&again, spec);
        let file = KeyLocation::File(dir().join(format!("{label}.pem")));
        let key = generate(&file, spec, &pass("x"), &OpenOptions::default()).unwrap();
        assert_eq!(key.signer.protection(), Protection::Software);
        behaves(&key, spec);
    }
}

#[test]
fn brainpool_keys_sign_in_the_token_and_nowhere_else() {
    if !on_softhsm("keys::brainpool_keys_sign_in_the_token_and_nowhere_else") {
        return;
    }
    for spec in [KeySpec::BRAINPOOL_P256, KeySpec::BRAINPOOL_P384] {
        let key = make(&format!("pkcs11:token=main;object={spec}"), spec);
        behaves(&key, spec);
        let file = KeyLocation::File(dir().join(format!("{spec}.pem")));
        let error = generate(&file, spec, &pass("x"), &OpenOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.hint().unwrap().contains("token"), "{error}");
    }
}

#[test]
fn a_key_without_public_half_is_believed_only_as_far_as_it_signs() {
    if !on_softhsm("keys::a_key_without_public_half_is_believed_only_as_far_as_it_signs") {
        return;
    }
    make("pkcs11:token=main;object=halved;id=%aa", KeySpec::P256);
    let made = open(
        &at("pkcs11:token=main;object=halved"),
        &pass(PIN),
        &OpenOptions::default(),
    );
    let public = made.unwrap().signer.public_key().clone();
    in_main(&["--delete-object", "--type", "pubkey", "--id", "aa"]);
    let uri = at("pkcs11:token=main;object=halved");
    let error = open(&uri, &pass(PIN), &OpenOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(error.hint().unwrap().contains("certificate"));
    let believed = |public_key| OpenOptions {
        which: hsm_pkcs11::Which {
            public_key: Some(public_key),
            name: None,
        },
        ..OpenOptions::default()
    };
    let key = open(&uri, &pass(PIN), &believed(public)).unwrap();
    behaves(&key, KeySpec::P256);
    // The key of somebody else's certificate.
    let other = make("pkcs11:token=main;object=other;id=%bb", KeySpec::P256);
    let other = other.signer.public_key().clone();
    let key = open(&uri, &pass(PIN), &believed(other)).unwrap();
    let error = key.signer.sign(Message::Bytes(b"x")).unwrap_err();
    assert!(
        matches!(error, SignError::Token(TokenError::WrongPublicKey { .. })),
        "{error}"
    );
}

#[test]
fn a_generated_key_never_leaves_the_token() {
    if !on_softhsm("keys::a_generated_key_never_leaves_the_token") {
        return;
    }
    let key = make("pkcs11:token=main;object=bound;id=%01%fe", KeySpec::P256);
    let attributes = key.attributes.unwrap();
    assert!(attributes.is_bound_to_token(), "{attributes}");
    assert_eq!(attributes.id, [1, 0xfe]);
    let list = in_main(&["-O", "--type", "privkey", "--label", "bound"]);
    let list = String::from_utf8(list).unwrap();
    assert!(
        list.contains("Access:     sensitive, always sensitive, never extractable, local"),
        "{list}"
    );
    assert!(list.contains("Usage:      sign\n"), "{list}");
    assert!(list.contains("ID:         01fe"), "{list}");
    // The public half that another tool reads is the one we tell.
    let spki = dir().join("bound.spki");
    pkcs11_tool(&[
        "--token-label",
        "main",
        "--read-object",
        "--type",
        "pubkey",
        "--id",
        "01fe",
        "--output-file",
        s(&spki),
    ]);
    assert_eq!(
        std::fs::read(&spki).unwrap(),
        key.signer.public_key().spki_der()
    );
}

#[test]
fn a_key_made_by_another_program_signs_here() {
    if !on_softhsm("keys::a_key_made_by_another_program_signs_here") {
        return;
    }
    for (kind, label, id) in [
        ("EC:prime256v1", "foreign-ec", "aa"),
        ("rsa:2048", "foreign-rsa", "bb"),
    ] {
        another_makes(kind, label, &["--id", id]);
        let uri = format!("pkcs11:token=main;id=%{id}");
        let key = open(&at(&uri), &pass(PIN), &OpenOptions::default()).unwrap();
        let signature = key.signer.sign(Message::Bytes(b"message")).unwrap();
        verify_with_openssl(
            &dir().join(label),
            key.signer.public_key(),
            key.signer.algorithm(),
            b"message",
            &signature,
        );
    }
}

#[test]
fn a_key_that_wants_the_pin_for_every_signature_gets_it() {
    if !on_softhsm("keys::a_key_that_wants_the_pin_for_every_signature_gets_it") {
        return;
    }
    another_makes("rsa:3072", "careful", &["--id", "cc", "--always-auth"]);
    let uri = at("pkcs11:token=main;object=careful");
    let forgetful = OpenOptions {
        recovery: Recovery::Fail,
        ..OpenOptions::default()
    };
    let error = token_error(open(&uri, &pass(PIN), &forgetful).unwrap_err());
    assert!(
        error.to_string().contains("CKA_ALWAYS_AUTHENTICATE"),
        "{error}"
    );
    let key = open(&uri, &pass(PIN), &OpenOptions::default()).unwrap();
    let attributes = key.attributes.as_ref().unwrap();
    assert_eq!(attributes.always_authenticate, Some(true));
    for message in [&b"one"[..], b"and another"] {
        let signature = key.signer.sign(Message::Bytes(message)).unwrap();
        verify_with_openssl(
            &dir().join("careful"),
            key.signer.public_key(),
            key.signer.algorithm(),
            message,
            &signature,
        );
    }
}

#[test]
fn hashing_outside_and_in_the_token_sign_alike() {
    if !on_softhsm("keys::hashing_outside_and_in_the_token_sign_alike") {
        return;
    }
    for spec in [KeySpec::RSA3072, KeySpec::RSA3072_PSS] {
        let label = format!("hashing-{spec}");
        let uri = format!("pkcs11:token=main;object={label}");
        let made = make(&uri, spec);
        for hashing in [Hashing::Outside, Hashing::InToken] {
            let options = OpenOptions {
                algorithm: Some(spec.algorithm),
                hashing,
                ..OpenOptions::default()
            };
            let key = open(&at(&uri), &pass(PIN), &options).unwrap();
            let signature = key.signer.sign(Message::Bytes(b"message")).unwrap();
            verify_with_openssl(
                &dir().join(format!("{label}-{hashing:?}")),
                made.signer.public_key(),
                spec.algorithm,
                b"message",
                &signature,
            );
            let digest = DigestAlgorithm::Sha256.digest(b"message");
            let streamed = key.signer.sign(Message::Digest(&digest));
            match hashing {
                Hashing::InToken => {
                    assert!(matches!(streamed, Err(SignError::DigestNotPossible(_))))
                }
                _ => made
                    .signer
                    .public_key()
                    .verify(
                        spec.algorithm,
                        Message::Bytes(b"message"),
                        &streamed.unwrap(),
                    )
                    .unwrap(),
            }
        }
    }
    // SoftHSM 2.6 offers CKM_ECDSA only.
    make("pkcs11:token=main;object=hashing-ec", KeySpec::P256);
    let options = OpenOptions {
        hashing: Hashing::InToken,
        ..OpenOptions::default()
    };
    let result = open(
        &at("pkcs11:token=main;object=hashing-ec"),
        &pass(PIN),
        &options,
    );
    if let Err(error) = result {
        assert_eq!(error.kind(), ErrorKind::CannotSign);
        assert!(error.to_string().contains("it needs CKM_ECDSA_SHA256"));
    }
}

#[test]
fn a_taken_label_or_id_is_not_used_again() {
    if !on_softhsm("keys::a_taken_label_or_id_is_not_used_again") {
        return;
    }
    make("pkcs11:token=main;object=taken;id=%77%77", KeySpec::P256);
    for uri in [
        "pkcs11:token=main;object=taken",
        "pkcs11:token=main;object=other;id=%77%77",
    ] {
        let error = generate(&at(uri), KeySpec::P256, &pass(PIN), &OpenOptions::default());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
        assert!(error.hint().is_some());
    }
    let unnamed = generate(
        &at("pkcs11:token=main"),
        KeySpec::P256,
        &pass(PIN),
        &OpenOptions::default(),
    );
    assert!(matches!(
        token_error(unnamed.unwrap_err()),
        TokenError::KeyUnnamed { .. }
    ));
}

#[test]
fn an_ambiguous_label_lists_the_candidates() {
    if !on_softhsm("keys::an_ambiguous_label_lists_the_candidates") {
        return;
    }
    for id in ["c1", "c2"] {
        another_makes("EC:prime256v1", "double", &["--id", id]);
    }
    let error = open(
        &at("pkcs11:token=main;object=double"),
        &pass(PIN),
        &OpenOptions::default(),
    );
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
    let TokenError::AmbiguousKey { mut candidates, .. } = token_error(error) else {
        panic!("another error");
    };
    assert_eq!(candidates.len(), 2);
    candidates.sort();
    assert!(
        candidates[0].contains("object=double;id=%C1"),
        "{candidates:?}"
    );
    // What the message offers opens the key.
    open(&at(&candidates[0]), &pass(PIN), &OpenOptions::default()).unwrap();
}

#[test]
fn a_key_or_token_that_is_not_there_says_what_is() {
    if !on_softhsm("keys::a_key_or_token_that_is_not_there_says_what_is") {
        return;
    }
    make("pkcs11:token=main;object=present", KeySpec::P256);
    let fails = |uri: &str| open(&at(uri), &pass(PIN), &OpenOptions::default()).unwrap_err();
    let error = fails("pkcs11:token=main;object=absent");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .contains("pkcs11:token=main;object=absent")
    );
    assert!(error.to_string().contains("there are "), "{error}");
    let error = fails("pkcs11:token=absent;object=x");
    assert_eq!(error.kind(), ErrorKind::TokenMissing);
    assert!(error.to_string().contains("token=main"), "{error}");
    let error = fails("pkcs11:token=twin;object=x");
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(error.to_string().contains("serial="), "{error}");
    for uri in [
        "pkcs11:token=main;library-manufacturer=nobody;object=present",
        "pkcs11:token=main;library-version=9.9;object=present",
        "pkcs11:token=main;slot-description=nowhere;object=present",
        "pkcs11:token=main;slot-id=99;object=present",
    ] {
        assert_eq!(fails(uri).kind(), ErrorKind::TokenMissing, "{uri}");
    }
    let error = fails("pkcs11:token=main;object=present;type=cert");
    assert_eq!(error.kind(), ErrorKind::CannotSign);
    open(
        &at("pkcs11:token=main;manufacturer=SoftHSM%20project;model=SoftHSM%20v2;library-manufacturer=SoftHSM;object=present;type=private"),
        &pass(PIN),
        &OpenOptions::default(),
    )
    .unwrap();
}

#[test]
fn a_module_that_is_none_is_told_apart_from_one_that_is_not_there() {
    if !on_softhsm("keys::a_module_that_is_none_is_told_apart_from_one_that_is_not_there") {
        return;
    }
    let fails = |uri: &str| open(&at(uri), &pass(PIN), &OpenOptions::default()).unwrap_err();
    let error = fails("pkcs11:token=main;object=x?module-path=/nonexistent.so");
    assert_eq!(error.kind(), ErrorKind::ModuleMissing);
    let text = dir().join("text.so");
    std::fs::write(&text, "not a library").unwrap();
    let error = fails(&format!("pkcs11:object=x?module-path={}", text.display()));
    assert_eq!(error.kind(), ErrorKind::ModuleInvalid);
    let error = fails("pkcs11:object=x?module-path=libm.so.6");
    assert_eq!(error.kind(), ErrorKind::ModuleInvalid);
    assert!(error.to_string().contains("C_GetFunctionList"), "{error}");
    let error = fails("pkcs11:object=x?module-name=nosuchmodule");
    assert_eq!(error.kind(), ErrorKind::ModuleMissing);
    for error in [
        fails("pkcs11:object=x?module-path=/nonexistent.so"),
        fails("pkcs11:object=x?module-name=nosuchmodule"),
    ] {
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_wrong_pin_is_its_own_error_and_tried_once() {
    if !on_softhsm("keys::a_wrong_pin_is_its_own_error_and_tried_once") {
        return;
    }
    let uri = at("pkcs11:token=main;object=x");
    let none = open(&uri, &PinSource::None, &OpenOptions::default()).unwrap_err();
    assert_eq!(none.kind(), ErrorKind::PinRequired);
    let wrong = open(&uri, &pass("000000"), &OpenOptions::default()).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongPin);
    let shown = format!("{wrong} {wrong:?} {:?}", wrong.hint());
    assert!(shown.contains("C_Login: CKR_PIN_INCORRECT"), "{shown}");
    assert!(!shown.contains("000000"), "{shown}");
    // The token tells of it, and the prompt can, too.
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let prompt = PinSource::Prompt(Arc::new(move |request| {
        seen.lock().unwrap().push(request.clone());
        Ok(PIN.into())
    }));
    let error = open(&uri, &prompt, &OpenOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].subject.contains("token=main"));
}

#[test]
fn the_pin_source_of_the_uri_is_used() {
    if !on_softhsm("keys::the_pin_source_of_the_uri_is_used") {
        return;
    }
    let pin = dir().join("pin");
    std::fs::write(&pin, format!("{PIN}\n")).unwrap();
    let uri = format!(
        "pkcs11:token=main;object=pin-source?pin-source=file:{}&module-path={}",
        pin.display(),
        module()
    );
    let key = generate(
        &at(&uri),
        KeySpec::P256,
        &PinSource::None,
        &OpenOptions::default(),
    );
    key.unwrap();
}

#[test]
fn certificates_in_the_token_come_along_own_first() {
    if !on_softhsm("keys::certificates_in_the_token_come_along_own_first") {
        return;
    }
    let key = make("pkcs11:token=main;object=certified;id=%ce", KeySpec::P256);
    let dir = dir();
    // A certificate for the token's public key, issued by a throw-away CA.
    let spki = dir.join("certified.pub");
    std::fs::write(&spki, key.signer.public_key().spki_der()).unwrap();
    let (ca, own) = certificate(&dir, &spki);
    for (file, id) in [(&ca, "ca"), (&own, "ce")] {
        let der = dir.join(format!("{id}.der"));
        openssl(&["x509", "-in", s(file), "-outform", "DER", "-out", s(&der)]);
        in_main(&[
            "--write-object",
            s(&der),
            "--type",
            "cert",
            "--id",
            id,
            "--label",
            id,
        ]);
    }
    let opened = open(
        &at("pkcs11:token=main;object=certified"),
        &pass(PIN),
        &OpenOptions::default(),
    )
    .unwrap();
    assert_eq!(opened.certificates.len(), 2);
    assert_eq!(
        opened.certificates[0],
        std::fs::read(dir.join("ce.der")).unwrap()
    );
}

#[test]
fn many_threads_sign_while_keys_open_and_close() {
    if !on_softhsm("keys::many_threads_sign_while_keys_open_and_close") {
        return;
    }
    make("pkcs11:token=main;object=busy", KeySpec::P256);
    let options = OpenOptions {
        sessions: 2,
        ..OpenOptions::default()
    };
    let key = open(&at("pkcs11:token=main;object=busy"), &pass(PIN), &options).unwrap();
    let public = key.signer.public_key().clone();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (signer, public) = (Arc::clone(&key.signer), &public);
            scope.spawn(move || {
                for n in 0..200 {
                    let message = format!("{thread}/{n}");
                    let message = Message::Bytes(message.as_bytes());
                    let signature = signer.sign(message).unwrap();
                    public
                        .verify(signer.algorithm(), message, &signature)
                        .unwrap();
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..20 {
                let other = open(
                    &at("pkcs11:token=main;object=busy"),
                    &pass(PIN),
                    &OpenOptions::default(),
                );
                other.unwrap().signer.sign(Message::Bytes(b"x")).unwrap();
            }
        });
    });
}

#[test]
fn an_algorithm_the_key_cannot_do_is_refused_when_it_is_opened() {
    if !on_softhsm("keys::an_algorithm_the_key_cannot_do_is_refused_when_it_is_opened") {
        return;
    }
    make("pkcs11:token=main;object=mismatch", KeySpec::P256);
    let options = OpenOptions {
        algorithm: Some(SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256)),
        ..OpenOptions::default()
    };
    let error = open(
        &at("pkcs11:token=main;object=mismatch"),
        &pass(PIN),
        &options,
    );
    assert!(matches!(
        error.unwrap_err(),
        KeyError::AlgorithmMismatch { .. }
    ));
}

#[test]
fn a_file_that_names_another_key_signs_with_another_key() {
    if !on_softhsm("keys::a_file_that_names_another_key_signs_with_another_key") {
        return;
    }
    let file = dir().join("referenced.uri");
    let mut seen = Vec::new();
    for label in ["referenced-1", "referenced-2"] {
        let made = make(&format!("pkcs11:token=main;object={label}"), KeySpec::P256);
        let uri: hsm_pkcs11::Pkcs11Uri =
            format!("pkcs11:token=main;object={label}").parse().unwrap();
        std::fs::write(&file, hsm_pkcs11::KeyReference::new(&uri).to_string()).unwrap();
        let key = open(&at(s(&file)), &pass(PIN), &OpenOptions::default()).unwrap();
        assert_eq!(key.signer.protection(), Protection::Token);
        assert_eq!(key.signer.public_key(), made.signer.public_key());
        behaves(&key, KeySpec::P256);
        seen.push(key.signer.public_key().clone());
        // Generating never follows, and never overwrites.
        let error = generate(
            &at(s(&file)),
            KeySpec::P256,
            &pass(PIN),
            &OpenOptions::default(),
        );
        assert!(matches!(error.unwrap_err(), KeyError::FileExists(_)));
    }
    assert_ne!(seen[0], seen[1]);
    std::fs::write(&file, "pkcs11:token=main;object=referenced-3\n").unwrap();
    let error = open(&at(s(&file)), &pass(PIN), &OpenOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let said = error.to_string();
    assert!(
        said.contains("referenced.uri") && said.contains("referenced-3"),
        "{said}"
    );
}
