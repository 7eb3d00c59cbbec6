//! An organisation and all its certificates.

use ca_core::registration::{PersonRole, RegistrationError, Striking};
use ca_core::revocation::RevocationError;
use ca_core::store::CertificatesAtEnd;
use ca_core::{CaError, Issued, RevocationReason, RevocationRequest, TerminationOrder};
use hsm_pkcs11::KeySpec;

use crate::office::{Office, person, refusal};
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
    let lost = office.issued(&key(KeySpec::P256));
    let mut other = office.order(&key(KeySpec::P256));
    other.subject = (SEAL_SUBJECT.to_owned() + " Monaco").parse().unwrap();
    let number = office.register(&other);
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let seal = office.issue(number, None).unwrap();
    // One key is missing; then a court suspends the whole organisation.
    office.suspend(&lost, &["rita"]).unwrap();
    let acme = "NTRMC-00S03813";
    let suspend = engine
        .strike_off(acme, Striking::Suspend, "court order")
        .unwrap();
    office.take(&suspend, "rita").unwrap();
    // Nobody undoes the court's order certificate by certificate.
    for issued in [&seal, &lost] {
        let refused = refusal(office.resume(issued, &["rita"]));
        assert!(
            matches!(refused, RegistrationError::StruckOff { .. }),
            "{refused}"
        );
    }
    let back = engine.reinstate(acme, None).unwrap();
    office.take(&back, "rita").unwrap();
    assert!(!held(&seal) && held(&lost));
    engine.verify_journal().unwrap();
    office.resume(&lost, &["rita"]).unwrap();
    assert!(!held(&lost));
    engine.verify_journal().unwrap();
}

/// The court's order and the loss of a key may come in the same second.
#[test]
fn a_certificate_suspended_for_its_own_reason_in_the_same_second_stays_suspended() {
    let office = Office::new();
    let engine = &office.house.engine;
    let held = |issued: &Issued| {
        let found = engine.find_serial(issued.certificate.serial()).unwrap();
        found[0].revocation.is_some()
    };
    let lost = office.issued(&key(KeySpec::P256));
    let mut other = office.order(&key(KeySpec::P256));
    other.subject = (SEAL_SUBJECT.to_owned() + " Monaco").parse().unwrap();
    let number = office.register(&other);
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let seal = office.issue(number, None).unwrap();
    let acme = "NTRMC-00S03813";
    let suspend = engine
        .strike_off(acme, Striking::Suspend, "court order")
        .unwrap();
    // Signed first, so that nothing moves the clock between the two acts.
    let decided = office.decide(&suspend, "rita");
    office.suspend(&lost, &["rita"]).unwrap();
    engine.take(&suspend, &decided).unwrap();
    let since = |issued: &Issued| {
        let found = engine.find_serial(issued.certificate.serial()).unwrap();
        found[0].revocation.unwrap().at
    };
    assert_eq!(since(&lost), since(&seal));
    let back = engine.reinstate(acme, None).unwrap();
    office.take(&back, "rita").unwrap();
    assert!(!held(&seal) && held(&lost));
    engine.verify_journal().unwrap();
}

#[test]
fn another_spelling_is_the_same_organisation() {
    let office = Office::new();
    let engine = &office.house.engine;
    let seal = office.issued(&key(KeySpec::P256));
    for spelling in ["ntrmc-00s03813", "NTRMC-00-S03813", "NTRMC-00 S 03813"] {
        assert_eq!(
            engine.organisation(spelling).unwrap().document().identifier,
            "NTRMC-00S03813"
        );
    }
    let people = vec![person(PersonRole::LegalRepresentative, "Max Muster")];
    let again = engine.register_organisation("NTRMC-00 s 03813", "Acme", people, &[]);
    assert_eq!(
        refusal(again),
        RegistrationError::OrganisationExists("NTRMC-00S03813".into())
    );
    // Struck off in one spelling, it is so in every other.
    let suspend = engine
        .strike_off("ntrmc-00s03813", Striking::Suspend, "court order")
        .unwrap();
    office.take(&suspend, "rita").unwrap();
    let found = engine.find_serial(seal.certificate.serial()).unwrap();
    assert!(found[0].revocation.is_some());
    let mut other = office.order(&key(KeySpec::P256));
    other.subject = SEAL_SUBJECT
        .replace("00S03813", "00-s03813")
        .parse()
        .unwrap();
    assert!(matches!(
        refusal(engine.prepare_request(&other)),
        RegistrationError::StruckOff { .. }
    ));
    engine.verify_journal().unwrap();
}

/// What its last CRL says of a certificate is what it says for ever.
#[test]
fn certificates_of_an_authority_that_ended_keep_their_status() {
    let office = Office::new();
    let engine = &office.house.engine;
    let held = |issued: &Issued| {
        let found = engine.find_serial(issued.certificate.serial()).unwrap();
        found[0].revocation.is_some()
    };
    let suspended = office.issued(&key(KeySpec::P256));
    let status = |issued: &Issued| {
        let found = engine.find_serial(issued.certificate.serial()).unwrap();
        found[0].revocation
    };
    let acme = "NTRMC-00S03813";
    let suspend = |reason| engine.strike_off(acme, Striking::Suspend, reason).unwrap();
    office.take(&suspend("court order"), "rita").unwrap();
    let mut end = TerminationOrder {
        authority: "companies".into(),
        confirmed: "companies".into(),
        reason: "the register takes over".into(),
        certificates: CertificatesAtEnd::Left,
        actors: support::actors(),
    };
    end.actors = office.order_by(end.order(), &["anna"]);
    engine.terminate(&end).unwrap();
    let back = engine.reinstate(acme, None).unwrap();
    office.take(&back, "rita").unwrap();
    assert!(held(&suspended), "its last CRL has it suspended");
    office.take(&suspend("another order"), "rita").unwrap();
    engine
        .issue_last_crl(&office.house.issuing, &support::actors())
        .unwrap();
    let final_status = status(&suspended);
    // Nor does the organisation's end, or an act of its own, say what no CRL can say any more.
    let off = engine.strike_off(acme, Striking::Revoke, "dissolved");
    office.take(&off.unwrap(), "rita").unwrap();
    let mut revocation = RevocationRequest {
        authority: "companies".into(),
        serial: suspended.certificate.serial().to_vec(),
        reason: RevocationReason::Superseded,
        invalidity_date: None,
        requested_at: None,
        actors: support::actors(),
    };
    revocation.actors = office.order_by(revocation.order(), &["rita"]);
    let refused = engine.revoke(&revocation).unwrap_err();
    assert!(
        matches!(refused, CaError::Revocation(RevocationError::Final { .. })),
        "{refused}"
    );
    assert_eq!(status(&suspended), final_status);
    engine.verify_journal().unwrap();
}
