//! Codes with which subscribers revoke.

use ca_core::RevocationReason;
use ca_core::registration::{RegistrationError, RevocationCode};
use hsm_pkcs11::KeySpec;

use crate::office::{Office, refusal};
use crate::support::{self, key};

#[test]
fn a_code_revokes_its_certificate_and_guessing_ends_soon() {
    let office = Office::new();
    let engine = &office.house.engine;
    let number = office.register(&office.order(&key(KeySpec::P256)));
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let code = RevocationCode::generate().unwrap();
    let issued = office.issue(number, Some(code.clone())).unwrap();
    let serial = issued.certificate.serial();
    let reason = RevocationReason::Superseded;
    let wrong = RevocationCode::generate().unwrap();
    let attempt = |serial: &[u8], code: &RevocationCode| {
        engine.revoke_with_code(serial, code, reason, &support::actors())
    };
    // A wrong code and a certificate that never was get one answer.
    for _ in 0..5 {
        assert_eq!(
            refusal(attempt(serial, &wrong)),
            RegistrationError::WrongCode
        );
    }
    assert_eq!(
        refusal(attempt(&[1, 2, 3], &wrong)),
        RegistrationError::WrongCode
    );
    // Now even the right one waits for the next day.
    assert_eq!(
        refusal(attempt(serial, &code)),
        RegistrationError::TooManyCodes
    );
    office
        .house
        .clock
        .advance(std::time::Duration::from_secs(86_401));
    assert!(!office.journal().contains(&*code.reveal()));
    let (authority, revocation) = attempt(serial, &code).unwrap();
    assert_eq!(
        (authority.as_str(), revocation.reason),
        ("companies", reason)
    );
    let journal = office.journal();
    // Used up: now it shows that its holder asked.
    assert!(journal.contains(&*code.reveal()));
    assert!(journal.contains("the holder of the revocation code"));
    engine.verify_journal().unwrap();
    // All certificates together have their limit too.
    for n in 0..200_u8 {
        let answer = refusal(attempt(&[7, n], &wrong));
        if answer == RegistrationError::TooManyCodes {
            assert_eq!(n, 100);
            return;
        }
    }
    panic!("nobody was stopped");
}
