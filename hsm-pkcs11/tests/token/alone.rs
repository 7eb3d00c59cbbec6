//! Each run in a process of its own, by `on_softhsm`, because it breaks what others stand on.

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
#[ignore = "run by on_softhsm"]
fn sessions_closed_behind_the_workers_backs_are_reopened() {
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
#[ignore = "run by on_softhsm"]
fn finalised_module_is_started_again() {
    let uri = at("pkcs11:token=main;object=key");
    let key = generate(&uri, KeySpec::P256, &pass(PIN), &OpenOptions::default()).unwrap();
    Pkcs11::new(module()).unwrap().finalize().unwrap();
    key.signer.sign(Message::Bytes(b"x")).unwrap();
}
