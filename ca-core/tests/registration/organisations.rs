//! An organisation and all its certificates.

use ca_core::registration::{RegistrationError, Striking};
use ca_core::{Issued, RevocationReason, SuspensionRequest};
use hsm_pkcs11::KeySpec;

use crate::office::{Office, refusal};
use crate::support::{self, SEAL_SUBJECT, key};

#[test]
fn an_organisation_goes_with_all_its_certificates_in_one_act() {
    let office = Office::new();
    let engine = &office.house.engine;
    let status = |issued: &Issued| {
        let found = engine.find_serial(issued.certificate.serial()).unwrap();
        found[0].revocation.map(|r| r.reason)
    };
    let seal = office.issued(&key(KeySpec::P256));
    let acme = "NTRMC-00S03813";
    let suspend = engine
        .strike_off(acme, Striking::Suspend, "court order")
        .unwrap();
    let by_registrar = refusal(office.take(&suspend, "bert"));
    assert!(
        matches!(by_registrar, RegistrationError::Decision(_)),
        "{by_registrar}"
    );
    let before = office.journal().lines().count();
    office.take(&suspend, "rita").unwrap();
    assert_eq!(office.journal().lines().count(), before + 1);
    assert_eq!(status(&seal), Some(RevocationReason::CertificateHold));
    let refused = refusal(engine.prepare_request(&office.order(&key(KeySpec::P256))));
    assert!(
        matches!(refused, RegistrationError::StruckOff { .. }),
        "{refused}"
    );
    engine.verify_journal().unwrap();

    let back = engine.reinstate(acme, Some("order lifted")).unwrap();
    office.take(&back, "rita").unwrap();
    assert_eq!(status(&seal), None);
    engine.verify_journal().unwrap();

    // Requested and approved before, issued after: no.
    let mut other = office.order(&key(KeySpec::P256));
    other.subject = (SEAL_SUBJECT.to_owned() + " Monaco").parse().unwrap();
    let number = office.register(&other);
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let revoke = engine
        .strike_off(acme, Striking::Revoke, "struck off")
        .unwrap();
    office.take(&revoke, "rita").unwrap();
    assert_eq!(status(&seal), Some(RevocationReason::CessationOfOperation));
    let refused = refusal(office.issue(number, None));
    assert!(
        matches!(refused, RegistrationError::StruckOff { .. }),
        "{refused}"
    );
    let back = engine.reinstate(acme, None).unwrap();
    assert!(matches!(
        refusal(office.take(&back, "rita")),
        RegistrationError::Step(..)
    ));
    // The provider's own certificates stay.
    assert!(
        engine
            .find_serial(office.house.issuing.authority().certificate.serial())
            .unwrap()[0]
            .revocation
            .is_none()
    );
    engine.verify_journal().unwrap();
}

#[test]
fn a_reinstatement_ends_only_what_the_striking_off_began() {
    let office = Office::new();
    let engine = &office.house.engine;
    let held = |issued: &Issued| {
        let found = engine.find_serial(issued.certificate.serial()).unwrap();
        found[0].revocation.is_some()
    };
    let order = |issued: &Issued| SuspensionRequest {
        authority: "companies".into(),
        serial: issued.certificate.serial().to_vec(),
        requested_at: None,
        actors: support::actors(),
    };
    let lost = office.issued(&key(KeySpec::P256));
    let mut other = office.order(&key(KeySpec::P256));
    other.subject = (SEAL_SUBJECT.to_owned() + " Monaco").parse().unwrap();
    let number = office.register(&other);
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let seal = office.issue(number, None).unwrap();
    // One key is missing; then a court suspends the whole organisation.
    engine.suspend(&order(&lost)).unwrap();
    let acme = "NTRMC-00S03813";
    let suspend = engine
        .strike_off(acme, Striking::Suspend, "court order")
        .unwrap();
    office.take(&suspend, "rita").unwrap();
    // Nobody undoes the court's order certificate by certificate.
    for issued in [&seal, &lost] {
        let refused = refusal(engine.resume(&order(issued)));
        assert!(
            matches!(refused, RegistrationError::StruckOff { .. }),
            "{refused}"
        );
    }
    let back = engine.reinstate(acme, None).unwrap();
    office.take(&back, "rita").unwrap();
    assert!(!held(&seal) && held(&lost));
    engine.verify_journal().unwrap();
    engine.resume(&order(&lost)).unwrap();
    assert!(!held(&lost));
    engine.verify_journal().unwrap();
}
