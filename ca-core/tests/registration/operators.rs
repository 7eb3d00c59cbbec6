//! Operators come, go and decide once.

use ca_core::registration::{Enrolment, EventAct, RegistrationError, Role, Roles};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::Clock as _;

use crate::office::{OFFICE, Office, refusal};
use crate::support::{self, House, SEAL_SUBJECT, key};

#[test]
fn a_decision_is_not_used_twice_nor_after_its_operator_is_suspended() {
    let office = Office::new();
    let engine = &office.house.engine;
    let suspend = engine
        .change_operator("bert", EventAct::Suspend, Some("on leave"))
        .unwrap();
    let by_anna = office.decide(&suspend, "anna");
    // Prepared before, used after.
    let prepared = engine
        .prepare_request(&office.order(&key(KeySpec::P256)))
        .unwrap();
    let by_bert = office.decide(&prepared.proposal, "bert");
    engine.take(&suspend, &by_anna).unwrap();
    let late = engine.take(&prepared.proposal, &by_bert);
    assert!(matches!(refusal(late), RegistrationError::Decision(_)));
    let resume = engine
        .change_operator("bert", EventAct::Resume, None)
        .unwrap();
    office.take(&resume, "anna").unwrap();
    engine.take(&prepared.proposal, &by_bert).unwrap();
    assert_eq!(
        refusal(engine.take(&prepared.proposal, &by_bert)),
        RegistrationError::Replayed
    );
    // Nobody is left who could enrol.
    let last = engine
        .change_operator("anna", EventAct::Remove, None)
        .unwrap();
    let refused = refusal(office.take(&last, "anna"));
    assert_eq!(
        refused,
        RegistrationError::LastSecurityOfficer("anna".into())
    );
    engine.verify_journal().unwrap();
}

#[test]
fn the_first_operator_enrols_the_others() {
    let house = House::new();
    let keys = OFFICE.map(|(name, _)| (name, key(KeySpec::P256))).into();
    let office = Office { house, keys };
    assert_eq!(
        refusal(office.enrol("bert", Role::Registrar, None)),
        RegistrationError::FirstOperator
    );
    office.enrol("anna", Role::SecurityOfficer, None).unwrap();
    let unsigned = refusal(office.enrol("bert", Role::Registrar, None));
    assert!(matches!(unsigned, RegistrationError::Unsigned(..)));
    office.enrol("bert", Role::Registrar, Some("anna")).unwrap();
    let by_registrar = refusal(office.enrol("cleo", Role::Approver, Some("bert")));
    assert!(matches!(by_registrar, RegistrationError::Decision(_)));
    office.house.engine.verify_journal().unwrap();
}

#[test]
fn nobody_comes_back_under_a_new_name_to_approve_their_own_request() {
    let office = Office::new();
    let engine = &office.house.engine;
    let remove = engine
        .change_operator("bert", EventAct::Remove, None)
        .unwrap();
    office.take(&remove, "anna").unwrap();
    let roles = Roles::new([Role::Approver]).unwrap();
    let again = Enrolment::with_key("bertha", roles, office.keys["bert"].public_key()).unwrap();
    let known = refusal(engine.enrol(&again));
    assert!(matches!(known, RegistrationError::KnownAs { ref name, .. } if name == "bert"));
    engine.verify_journal().unwrap();
}

#[test]
fn two_installations_of_the_same_second_are_two() {
    let (one, other) = (House::new(), House::new());
    assert_eq!(one.clock.now(), other.clock.now());
    assert_ne!(
        one.engine.record_identity().unwrap(),
        other.engine.record_identity().unwrap()
    );
}

/// Of three, two forgot to renew: the third was alone with a rule that asks for two.
#[test]
fn security_officers_whose_certificates_ended_are_not_waited_for() {
    let mut office = Office::new();
    let mut enrolments = Vec::new();
    for (name, subject) in [("sven", ""), ("tara", " Monaco"), ("vera", " Nice")] {
        let own = key(KeySpec::P256);
        let mut order = office.order(&own);
        order.subject = (SEAL_SUBJECT.to_owned() + subject).parse().unwrap();
        let number = office.register(&order);
        office.approve(number, "cleo").unwrap();
        office.approve(number, "dora").unwrap();
        let issued = office.issue(number, None).unwrap();
        let roles = Roles::new([Role::SecurityOfficer]).unwrap();
        enrolments.push(Enrolment::with_certificate(name, roles, &issued.certificate).unwrap());
        office.keys.insert(name, own);
    }
    office.keys.insert("uma", key(KeySpec::P256));
    let engine = &office.house.engine;
    let sven = engine.enrol(&enrolments[0]).unwrap();
    office.take(&sven, "anna").unwrap();
    let tara = engine.enrol(&enrolments[1]).unwrap();
    let both = ["anna", "sven"]
        .iter()
        .fold(support::actors(), |actors, by| {
            actors.decided(office.sign(&tara, by))
        });
    engine.take(&tara, &both).unwrap();
    let suspend = engine
        .change_operator("sven", EventAct::Suspend, None)
        .unwrap();
    for alone in [
        office.enrol("uma", Role::Registrar, Some("anna")),
        office.take(&suspend, "anna").map(drop),
    ] {
        assert!(matches!(
            refusal(alone),
            RegistrationError::TooFewDecisions {
                have: 1,
                need: 2,
                ..
            }
        ));
    }
    let four_years = std::time::Duration::from_secs(4 * 366 * 86_400);
    office.house.clock.advance(four_years);
    // Who only seems to serve does not let the last one go.
    let last = engine
        .change_operator("anna", EventAct::Remove, None)
        .unwrap();
    assert_eq!(
        refusal(office.take(&last, "anna")),
        RegistrationError::LastSecurityOfficer("anna".into())
    );
    office.take(&suspend, "anna").unwrap();
    office.enrol("uma", Role::Registrar, Some("anna")).unwrap();
    let vera = engine
        .enrol(&enrolments[2])
        .and_then(|vera| office.take(&vera, "anna"));
    assert!(matches!(
        refusal(vera),
        RegistrationError::EnrolledAfterEnd { ref name, .. } if name == "vera"
    ));
    engine.verify_journal().unwrap();
}
