//! Sessions and logins that are lost behind the back of those who use them.

use super::*;

/// All sessions of the process die at once, as when a device is reset.
fn reset(pkcs11: Pkcs11) {
    pkcs11.finalize().unwrap();
    let pkcs11 = Pkcs11::new(module()).unwrap();
    pkcs11
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
}

#[test]
fn sessions_closed_behind_the_workers_backs_are_reopened() {
    if !on_softhsm("sessions::sessions_closed_behind_the_workers_backs_are_reopened") {
        return;
    }
    let uri = at("pkcs11:token=main;object=key");
    let options = OpenOptions {
        sessions: 3,
        ..OpenOptions::default()
    };
    let key = generate(&uri, KeySpec::P256, &pass(PIN), &options).unwrap();
    for round in 0..3 {
        reset(Pkcs11::new(module()).unwrap());
        // Every worker meets its dead session.
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let key = &key;
                scope.spawn(move || {
                    let message = format!("{round}/{thread}");
                    let message = Message::Bytes(message.as_bytes());
                    let signature = key.signer.sign(message).unwrap();
                    key.signer
                        .public_key()
                        .verify(key.signer.algorithm(), message, &signature)
                        .unwrap();
                });
            }
        });
    }
    // A PIN that was changed meanwhile is sent once, not again and again.
    let pkcs11 = Pkcs11::new(module()).unwrap();
    let slot = pkcs11
        .get_slots_with_token()
        .unwrap()
        .into_iter()
        .find(|slot| pkcs11.get_token_info(*slot).unwrap().label() == "main")
        .unwrap();
    {
        let session = pkcs11.open_rw_session(slot).unwrap();
        let (old, new) = (PIN.into(), "112233".into());
        session.set_pin(&old, &new).unwrap();
    }
    reset(pkcs11);
    for _ in 0..3 {
        let error = key.signer.sign(Message::Bytes(b"x")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPin, "{error}");
    }
    // Opened anew with the right PIN, the old handle is well again, too.
    let again = open(&uri, &pass("112233"), &OpenOptions::default()).unwrap();
    again.signer.sign(Message::Bytes(b"x")).unwrap();
    key.signer.sign(Message::Bytes(b"x")).unwrap();
}

#[test]
fn finalised_module_is_started_again() {
    if !on_softhsm("sessions::finalised_module_is_started_again") {
        return;
    }
    let uri = at("pkcs11:token=main;object=key");
    let key = generate(&uri, KeySpec::P256, &pass(PIN), &OpenOptions::default()).unwrap();
    Pkcs11::new(module()).unwrap().finalize().unwrap();
    key.signer.sign(Message::Bytes(b"x")).unwrap();
}

#[test]
fn a_lost_login_heals_where_the_pin_is_kept_and_nowhere_else() {
    if !on_softhsm("sessions::a_lost_login_heals_where_the_pin_is_kept_and_nowhere_else") {
        return;
    }
    let uri = "pkcs11:token=main;object=lossy";
    make(uri, KeySpec::P256);
    let pkcs11 = Pkcs11::new(module()).unwrap();
    let log_out = || {
        let slot = pkcs11
            .get_slots_with_token()
            .unwrap()
            .into_iter()
            .find(|slot| {
                pkcs11
                    .get_token_info(*slot)
                    .is_ok_and(|info| info.label() == "main")
            })
            .unwrap();
        pkcs11.open_ro_session(slot).unwrap().logout().unwrap();
    };
    let kept = open(&at(uri), &pass(PIN), &OpenOptions::default()).unwrap();
    kept.signer.sign(Message::Bytes(b"before")).unwrap();
    log_out();
    let signature = kept.signer.sign(Message::Bytes(b"after")).unwrap();
    kept.signer
        .public_key()
        .verify(
            kept.signer.algorithm(),
            Message::Bytes(b"after"),
            &signature,
        )
        .unwrap();
    drop(kept);
    let options = OpenOptions {
        recovery: Recovery::Fail,
        ..OpenOptions::default()
    };
    let unkept = open(&at(uri), &pass(PIN), &options).unwrap();
    unkept.signer.sign(Message::Bytes(b"before")).unwrap();
    log_out();
    let error = unkept.signer.sign(Message::Bytes(b"after")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
    assert!(error.to_string().contains("CKR_"), "{error}");
}

/// A worker that still has a session from before a reset must not use or close a new session that got the
/// same number.
#[test]
fn an_old_session_is_not_taken_for_a_new_one_of_the_same_number() {
    if !on_softhsm("sessions::an_old_session_is_not_taken_for_a_new_one_of_the_same_number") {
        return;
    }
    let uri = |label: &str| at(&format!("pkcs11:token=main;object={label}"));
    let one = OpenOptions::default();
    let two = make("pkcs11:token=main;object=two", KeySpec::P256);
    // Its session has a number that the first session after the reset gets.
    let first = generate(&uri("first"), KeySpec::P256, &pass(PIN), &one).unwrap();
    for _ in 0..20 {
        reset(Pkcs11::new(module()).unwrap());
        // Nobody has met a dead session yet when these are opened.
        let opened: Vec<_> = (0..4)
            .map(|_| open(&uri("two"), &pass(PIN), &one).unwrap())
            .collect();
        for key in opened.iter().chain([&first, &two]) {
            let message = Message::Bytes(b"whose");
            let signature = key.signer.sign(message).unwrap();
            let public = key.signer.public_key();
            public
                .verify(key.signer.algorithm(), message, &signature)
                .unwrap();
        }
    }
}
