//! Tokens that SoftHSM is not: `odd_module.c` stands in front of it, and variables say what makes it
//! odd. Of mechanisms, 0 and 0x1040 generate keys.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hsm_pkcs11::{AlgorithmChoice, PinPurpose, RsaPadding, SignaturePin, Which};

use super::*;

const SHA3: DigestAlgorithm = DigestAlgorithm::Sha3_256;

fn log() -> Vec<String> {
    let text = std::fs::read_to_string(std::env::var("ODD_LOG").unwrap()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn count(what: &str) -> usize {
    log().iter().filter(|line| *line == what).count()
}

fn with(choice: AlgorithmChoice) -> OpenOptions {
    OpenOptions {
        choice,
        ..OpenOptions::default()
    }
}

/// A key that wants the PIN for each signature.
fn always(kind: &str, label: &str) -> KeyLocation {
    another_makes(kind, label, &["--always-auth"]);
    at(&format!("pkcs11:token=main;object={label}"))
}

fn judged(key: &OpenedKey, message: &[u8], signature: &[u8]) {
    let signer = &key.signer;
    verify_with_openssl(
        &dir().join("judged"),
        signer.public_key(),
        signer.algorithm(),
        message,
        signature,
    );
}

#[test]
fn raw_mechanisms_alone_sign_everything_digests_included() {
    if !in_front_of_softhsm(
        "odd::raw_mechanisms_alone_sign_everything_digests_included",
        &[("ODD_MECHANISMS", "0,0x1040,1,0xd,0x1041")],
    ) {
        return;
    }
    for spec in [
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::RSA3072,
        KeySpec::RSA3072_PSS,
    ] {
        let uri = format!("pkcs11:token=main;object=raw-{spec}");
        behaves(&make(&uri, spec), spec);
        // PSS with SHA-3 is nothing that PKCS#11's mechanisms and this token can say.
        if spec == KeySpec::RSA3072_PSS {
            continue;
        }
        for digest in [SHA3, DigestAlgorithm::Sha512] {
            let choice = AlgorithmChoice {
                digest: Some(digest),
                rsa: None,
            };
            let key = open(&at(&uri), &pass(PIN), &with(choice)).unwrap();
            assert_eq!(key.signer.algorithm().digest(), Some(digest));
            let signature = key
                .signer
                .sign(Message::Digest(&digest.digest(b"streamed")));
            judged(&key, b"streamed", &signature.unwrap());
        }
    }
}

#[test]
fn the_bare_rsa_operation_signs_with_every_padding() {
    if !in_front_of_softhsm(
        "odd::the_bare_rsa_operation_signs_with_every_padding",
        &[("ODD_MECHANISMS", "0,3")],
    ) {
        return;
    }
    let uri = "pkcs11:token=main;object=bare";
    make(uri, KeySpec::RSA3072);
    for padding in [RsaPadding::Pkcs1, RsaPadding::Pss] {
        for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512, SHA3] {
            let choice = AlgorithmChoice {
                digest: Some(digest),
                rsa: Some(padding),
            };
            let key = open(&at(uri), &pass(PIN), &with(choice)).unwrap();
            let signature = key.signer.sign(Message::Digest(&digest.digest(b"bare")));
            judged(&key, b"bare", &signature.unwrap());
        }
    }
    // What it does not offer is named.
    let inside = OpenOptions {
        hashing: Hashing::InToken,
        ..OpenOptions::default()
    };
    let error = open(&at(uri), &pass(PIN), &inside).unwrap_err();
    assert!(error.to_string().contains("CKM_SHA256_RSA_PKCS"), "{error}");
}

#[test]
fn each_signature_takes_one_pin_and_a_wrong_one_is_not_tried_again() {
    if !in_front_of_softhsm(
        "odd::each_signature_takes_one_pin_and_a_wrong_one_is_not_tried_again",
        &[],
    ) {
        return;
    }
    let ec = always("EC:prime256v1", "card-ec");
    let rsa = always("rsa:2048", "card-rsa");
    let digest = DigestAlgorithm::Sha256.digest(b"streamed");
    // The kept PIN: one login for each signature, in one call, with a digest too.
    for location in [&ec, &rsa] {
        let key = open(location, &pass(PIN), &OpenOptions::default()).unwrap();
        for message in [Message::Bytes(b"streamed"), Message::Digest(&digest)] {
            let before = count("login for a signature");
            let signature = key.signer.sign(message).unwrap();
            judged(&key, b"streamed", &signature);
            assert_eq!(count("login for a signature"), before + 1);
        }
    }
    assert_eq!(count("how long") + count("sign in parts"), 0, "{:?}", log());
    // Asked for each signature; no PIN is kept for that.
    let asked = Arc::new(AtomicUsize::new(0));
    let wrong = Arc::new(Mutex::new(false));
    let person = |asked: &Arc<AtomicUsize>, wrong: &Arc<Mutex<bool>>| {
        let (asked, wrong) = (Arc::clone(asked), Arc::clone(wrong));
        PinSource::Prompt(Arc::new(move |request| {
            if request.purpose == PinPurpose::Signature {
                asked.fetch_add(1, Ordering::SeqCst);
                if *wrong.lock().unwrap() {
                    return Ok("00000000".into());
                }
            }
            Ok(PIN.into())
        }))
    };
    let options = OpenOptions {
        signature_pin: SignaturePin::Asked,
        ..OpenOptions::default()
    };
    let key = open(&ec, &person(&asked, &wrong), &options).unwrap();
    for _ in 0..3 {
        let signature = key.signer.sign(Message::Digest(&digest)).unwrap();
        judged(&key, b"streamed", &signature);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    // A slip, then right: the person is asked again, and the count begins anew.
    for _ in 0..2 {
        *wrong.lock().unwrap() = true;
        let error = key.signer.sign(Message::Digest(&digest)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPin, "{error}");
        *wrong.lock().unwrap() = false;
        key.signer.sign(Message::Digest(&digest)).unwrap();
    }
    // Two in a row, and nobody is asked any more: the third would lock a card.
    *wrong.lock().unwrap() = true;
    let (questions, logins) = (asked.load(Ordering::SeqCst), count("login for a signature"));
    for _ in 0..4 {
        let error = key.signer.sign(Message::Digest(&digest)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPin, "{error}");
        assert!(!error.to_string().contains("00000000"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), questions + 2);
    assert_eq!(count("login for a signature"), logins + 2);
    drop(key);
    // A PIN that is no person's is sent once.
    let file = dir().join("wrong-later");
    std::fs::write(&file, PIN).unwrap();
    let key = open(&rsa, &PinSource::File(file.clone()), &options).unwrap();
    std::fs::write(&file, "00000000").unwrap();
    let logins = count("login for a signature");
    for _ in 0..3 {
        key.signer.sign(Message::Digest(&digest)).unwrap_err();
    }
    assert_eq!(count("login for a signature"), logins + 1);
}

#[test]
fn a_keypad_gets_no_pin_from_the_program() {
    if !in_front_of_softhsm(
        "odd::a_keypad_gets_no_pin_from_the_program",
        &[("ODD_KEYPAD", PIN)],
    ) {
        return;
    }
    // Without any source of PINs: the person is at the token.
    let uri = at("pkcs11:token=main;object=keypad");
    let none = PinSource::None;
    let key = generate(&uri, KeySpec::P256, &none, &OpenOptions::default()).unwrap();
    behaves(&key, KeySpec::P256);
    let card = always("EC:secp384r1", "keypad-card");
    let forgetful = OpenOptions {
        recovery: Recovery::Fail,
        ..OpenOptions::default()
    };
    let key = open(&card, &none, &forgetful).unwrap();
    for _ in 0..2 {
        let signature = key.signer.sign(Message::Bytes(b"typed")).unwrap();
        judged(&key, b"typed", &signature);
    }
    assert_eq!(count("login for a signature"), 2);
}

#[test]
fn slips_at_the_keypad_stop_before_the_card_locks() {
    if !in_front_of_softhsm(
        "odd::slips_at_the_keypad_stop_before_the_card_locks",
        &[("ODD_KEYPAD", PIN), ("ODD_SLIPS", "9")],
    ) {
        return;
    }
    let card = always("EC:prime256v1", "slips");
    let key = open(&card, &PinSource::None, &OpenOptions::default()).unwrap();
    for _ in 0..5 {
        let error = key.signer.sign(Message::Bytes(b"x")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPin, "{error}");
    }
    assert_eq!(count("login for a signature"), 2);
}

#[test]
fn twins_are_told_apart_by_their_slots() {
    if !in_front_of_softhsm(
        "odd::twins_are_told_apart_by_their_slots",
        &[("ODD_TWINS", "1")],
    ) {
        return;
    }
    let error = open(
        &at("pkcs11:token=same;object=twin"),
        &pass(PIN),
        &OpenOptions::default(),
    );
    let error = token_error(error.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(error.hint().unwrap().contains("slot-id="), "{error}");
    let TokenError::AmbiguousToken { candidates, .. } = error else {
        panic!("another error");
    };
    assert_eq!(candidates.len(), TOKENS.len());
    // What the message offers finds the token, and the key in it.
    let twin = |n: usize| format!("{};object=twin", candidates[n]);
    let made = make(&twin(0), KeySpec::P256);
    let again = open(&at(&twin(0)), &pass(PIN), &OpenOptions::default()).unwrap();
    assert_eq!(again.signer.public_key(), made.signer.public_key());
    behaves(&again, KeySpec::P256);
    let error = open(&at(&twin(1)), &pass(PIN), &OpenOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    // Two keys of one label and no identifier: the certificate's key tells which.
    let first = candidates[2].trim_start_matches("pkcs11:").to_owned();
    let slot = first.rsplit_once("slot-id=").unwrap().1.to_owned();
    for _ in 0..2 {
        pkcs11_tool(&[
            "--slot",
            &slot,
            "--login",
            "--pin",
            PIN,
            "--keypairgen",
            "--key-type",
            "rsa:2048",
            "--label",
            "alike",
            "--id",
            "aa",
            "--usage-sign",
        ]);
    }
    let uri = at(&format!("pkcs11:{first};object=alike"));
    let error = open(&uri, &pass(PIN), &OpenOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
    assert!(error.hint().unwrap().contains("certificate"), "{error}");
    // The two public halves, as another tool reads them.
    let listed = Pkcs11::new(std::env::var("ODD_MODULE").unwrap()).unwrap();
    let session = listed
        .open_ro_session(slot.parse::<u64>().unwrap().try_into().unwrap())
        .unwrap();
    use cryptoki::object::{Attribute, AttributeType, ObjectClass};
    let publics = session
        .find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY)])
        .unwrap();
    let mut seen = Vec::new();
    for handle in publics {
        let read = session
            .get_attributes(handle, &[AttributeType::Modulus])
            .unwrap();
        if let Some(Attribute::Modulus(modulus)) = read.into_iter().next() {
            seen.push(modulus);
        }
    }
    assert_eq!(seen.len(), 2);
    for modulus in seen {
        let public_key = rsa_public(&modulus);
        let options = OpenOptions {
            which: Which {
                public_key: Some(public_key.clone()),
                name: None,
            },
            ..OpenOptions::default()
        };
        let key = open(&uri, &pass(PIN), &options).unwrap();
        assert_eq!(*key.signer.public_key(), public_key);
        let signature = key.signer.sign(Message::Bytes(b"which")).unwrap();
        judged(&key, b"which", &signature);
    }
}

/// The key of this modulus and the exponent 65537, put together by openssl.
fn rsa_public(modulus: &[u8]) -> pki_crypto::PublicKey {
    let conf = dir().join("rsa.conf");
    let text = format!(
        "asn1=SEQUENCE:k\n[k]\na=SEQUENCE:alg\nb=BITWRAP,SEQUENCE:key\n[alg]\no=OID:rsaEncryption\np=NULL\n[key]\nn=INTEGER:0x{}\ne=INTEGER:0x010001\n",
        hex::encode(modulus)
    );
    std::fs::write(&conf, text).unwrap();
    let out = dir().join("rsa.spki");
    openssl(&["asn1parse", "-genconf", s(&conf), "-noout", "-out", s(&out)]);
    pki_crypto::PublicKey::from_spki_der(&std::fs::read(out).unwrap()).unwrap()
}
