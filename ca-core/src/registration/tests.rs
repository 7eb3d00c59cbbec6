//! No sequence of acts issues without quorum, and none lets one person register and approve.

use std::collections::BTreeSet;

use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::UnixTime;
use pki_crypto::Message;
use proptest::prelude::*;

use super::*;
use crate::profile::SubjectType;

fn at(hours: i64) -> UnixTime {
    let start: UnixTime = "2026-11-22T08:00:00Z".parse().unwrap();
    UnixTime::from_secs(start.as_secs() + hours * 3_600)
}

fn signer() -> SoftwareKey {
    SoftwareKey::generate(KeySpec::P256).unwrap()
}

fn enrolled(name: &str, roles: &[Role], key: &SoftwareKey) -> Operator {
    let roles = Roles::new(roles.iter().copied()).unwrap();
    let document = Enrolment::with_key(name, roles, key.public_key())
        .unwrap()
        .text();
    Operator::begin(&event(
        Entity::operator(name),
        0,
        EventAct::Register,
        None,
        document,
    ))
    .unwrap()
}

fn event(
    entity: Entity,
    ordinal: u32,
    act: EventAct,
    operator: Option<&str>,
    document: String,
) -> Event {
    Event {
        entity,
        ordinal,
        act,
        operator: operator.map(str::to_owned),
        at: at(1),
        document,
    }
}

fn person(role: PersonRole, name: &str) -> Person {
    Person {
        role,
        name: name.into(),
        identifier: None,
        contact: None,
    }
}

fn document(approvals: u8) -> RequestDocument {
    // The public key of RFC 9500 section 2.3 would do; a fresh one says the same.
    let key = signer();
    RequestDocument {
        schema: RequestDocument::SCHEMA.into(),
        authority: "companies".into(),
        profile: "company-seal".into(),
        profile_sha256: "00".repeat(32),
        settings_sha256: None,
        approvals,
        subject: "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-00S03813,CN=Acme SAM".into(),
        public_key: hex::encode(key.public_key().spki_der()),
        days: None,
        legislation: None,
        qscd: None,
        organisation: Some("NTRMC-00S03813".into()),
        people: vec![
            person(PersonRole::Applicant, "Zoé Exemple"),
            person(PersonRole::SealResponsible, "Zoé Exemple"),
            person(PersonRole::LegalRepresentative, "Max Muster"),
        ],
        evidence: vec![Evidence {
            kind: EvidenceKind::RegisterExtract,
            reference: "RCI 2026/11".into(),
            sha256: Some("ab".repeat(32)),
            seen_by: "rita".into(),
            seen_at: at(0),
        }],
        renews: None,
        registered_at: at(0),
        expires: at(48),
    }
}

#[derive(Clone, Copy, Debug)]
struct Step {
    act: EventAct,
    operator: usize,
    hours: i64,
}

const PEOPLE: [&str; 5] = ["anna", "bert", "cleo", "dora", "emil"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let act = prop::sample::select(vec![
        EventAct::Register,
        EventAct::Approve,
        EventAct::Approve,
        EventAct::Approve,
        EventAct::Issue,
        EventAct::Issue,
        EventAct::Reject,
        EventAct::Withdraw,
        EventAct::Suspend,
        EventAct::StrikeOff,
    ]);
    // 0..=5: the last stands for nobody's signature.
    let step = (act, 0_usize..=5, 0_i64..60).prop_map(|(act, operator, hours)| Step {
        act,
        operator,
        hours,
    });
    prop::collection::vec(step, 0..20)
}

proptest! {
    #[test]
    fn nothing_is_issued_without_quorum_and_nobody_does_both(
        quorum in 0_u8..4,
        registrar in 0_usize..5,
        steps in steps(),
    ) {
        let text = document(quorum).text();
        let entity = Entity::request(7);
        let begin = event(entity.clone(), 0, EventAct::Register, Some(PEOPLE[registrar]), text.clone());
        let mut request = Request::begin(&begin).unwrap();
        let follow = Follow::text(&text, None).unwrap();
        let mut approved_by = BTreeSet::new();
        let mut ended = None;
        for step in steps {
            let operator = PEOPLE.get(step.operator).copied();
            let next = Event {
                at: at(step.hours),
                ..event(entity.clone(), request.steps(), step.act, operator, follow.clone())
            };
            let before = request.clone();
            if request.apply(&next).is_err() {
                // A refusal leaves no trace.
                prop_assert_eq!(before.approvals(), request.approvals());
                prop_assert_eq!(before.steps(), request.steps());
                continue;
            }
            let operator = operator.expect("nothing follows without a signature");
            match step.act {
                EventAct::Approve => {
                    prop_assert_ne!(operator, PEOPLE[registrar]);
                    prop_assert!(approved_by.insert(operator), "twice by {}", operator);
                    prop_assert!(ended.is_none() && step.hours <= 48);
                }
                EventAct::Issue => {
                    prop_assert!(approved_by.len() >= usize::from(quorum));
                    prop_assert!(matches!(ended, None | Some(EventAct::Issue)));
                    prop_assert!(step.hours <= 48, "lapsed");
                    ended = Some(EventAct::Issue);
                }
                EventAct::Reject => {
                    prop_assert_ne!(operator, PEOPLE[registrar]);
                    prop_assert!(ended.is_none());
                    ended = Some(EventAct::Reject);
                }
                EventAct::Withdraw => {
                    prop_assert!(ended.is_none());
                    ended = Some(EventAct::Withdraw);
                }
                other => prop_assert!(false, "{:?} was done to a request", other),
            }
        }
    }

    #[test]
    fn no_text_is_taken_for_a_statement_it_is_not(text in "\\PC{0,200}") {
        prop_assert!(Statement::parse(&text).is_err());
    }
}

#[test]
fn a_request_names_everybody_its_certificate_needs() {
    let seal = SubjectType::LegalPerson;
    let check = |d: &RequestDocument, t| d.check(t, 30);
    let good = document(1);
    assert_eq!(check(&good, seal), Ok(()));
    // The same people cannot stand for a person's signature.
    assert!(check(&good, SubjectType::Professional).is_err());
    for role in [PersonRole::Applicant, PersonRole::SealResponsible] {
        let mut less = good.clone();
        less.people.retain(|p| p.role != role);
        let missing = check(&less, seal).unwrap_err();
        assert!(matches!(missing, RegistrationError::PersonMissing { role: r, .. } if r == role));
    }
    let mut less = good.clone();
    less.people
        .retain(|p| p.role != PersonRole::LegalRepresentative);
    assert_eq!(check(&less, seal), Err(RegistrationError::NobodySpeaks));
    less.people
        .push(person(PersonRole::CertificationAgent, "Ana"));
    assert_eq!(check(&less, seal), Ok(()), "an agent speaks as well");
    let without = RequestDocument {
        organisation: None,
        ..good.clone()
    };
    assert_eq!(
        check(&without, seal),
        Err(RegistrationError::NoOrganisation)
    );
    let without = RequestDocument {
        evidence: vec![],
        ..good.clone()
    };
    assert_eq!(check(&without, seal), Err(RegistrationError::NoEvidence));
    let mut old = good.clone();
    old.evidence[0].seen_at = UnixTime::from_secs(at(0).as_secs() - 31 * 86_400);
    assert!(matches!(
        check(&old, seal),
        Err(RegistrationError::EvidenceTime { .. })
    ));
    old.evidence[0].seen_at = at(1);
    assert!(matches!(
        check(&old, seal),
        Err(RegistrationError::EvidenceTime { .. })
    ));
}

#[test]
fn a_decision_counts_for_its_own_matter_record_operator_and_day_only() {
    let key = signer();
    let bob = enrolled("bob", &[Role::Approver], &key);
    let text = document(1).text();
    let follow = Follow::text(&text, None).unwrap();
    let matter = Matter::of_document(Task::RequestApprove, Kind::Request, "17", &follow);
    let record = "aa".repeat(32);
    let statement = matter.statement(&record, &bob, at(0));
    let sign = |text: &str| key.sign(Message::Bytes(text.as_bytes())).unwrap();
    let decision = SignedDecision::new(statement.clone(), sign(&statement)).unwrap();
    assert_eq!(decision.verify(&matter, &record, &bob, at(2)), Ok(()));

    let about = |result: Result<(), DecisionError>| match result {
        Err(DecisionError::About { member, .. }) => member,
        other => panic!("{other:?}"),
    };
    let other = Matter::of_document(Task::RequestApprove, Kind::Request, "18", &follow);
    assert_eq!(
        about(decision.verify(&other, &record, &bob, at(2))),
        "object"
    );
    let other = Matter::of_document(Task::RequestReject, Kind::Request, "17", &follow);
    assert_eq!(about(decision.verify(&other, &record, &bob, at(2))), "act");
    let changed = Follow::text(&document(2).text(), None).unwrap();
    let other = Matter::of_document(Task::RequestApprove, Kind::Request, "17", &changed);
    assert_eq!(
        about(decision.verify(&other, &record, &bob, at(2))),
        "digest"
    );
    assert_eq!(
        about(decision.verify(&matter, &"bb".repeat(32), &bob, at(2))),
        "record"
    );
    let carl = enrolled("carl", &[Role::Approver], &key);
    assert_eq!(
        about(decision.verify(&matter, &record, &carl, at(2))),
        "operator"
    );
    let new_key = enrolled("bob", &[Role::Approver], &signer());
    assert_eq!(
        about(decision.verify(&matter, &record, &new_key, at(2))),
        "key"
    );

    let wrong = |result: Result<(), DecisionError>| result.unwrap_err();
    let late = wrong(decision.verify(&matter, &record, &bob, at(25)));
    assert!(matches!(late, DecisionError::Time { .. }));
    let early = wrong(decision.verify(&matter, &record, &bob, at(-1)));
    assert!(matches!(early, DecisionError::Time { .. }));
    let registrar = enrolled("bob", &[Role::Registrar], &key);
    let role = wrong(decision.verify(&matter, &record, &registrar, at(2)));
    assert!(matches!(role, DecisionError::Role { .. }));
    let mut suspended = bob.clone();
    let stop = Follow::text(bob.document(), Some("on leave")).unwrap();
    suspended
        .apply(&event(
            Entity::operator("bob"),
            1,
            EventAct::Suspend,
            None,
            stop,
        ))
        .unwrap();
    let standing = wrong(decision.verify(&matter, &record, &suspended, at(2)));
    assert!(matches!(standing, DecisionError::Standing { .. }));

    // Every octet of statement and signature counts.
    for i in 0..statement.len() {
        let mut bytes = statement.clone().into_bytes();
        bytes[i] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        if let Ok(changed) = SignedDecision::new(changed, decision.signature().to_vec()) {
            assert!(
                changed.verify(&matter, &record, &bob, at(2)).is_err(),
                "octet {i}"
            );
        }
    }
    for spaced in [format!("{statement}\n"), format!(" {statement}")] {
        assert_eq!(Statement::parse(&spaced), Err(DecisionError::NotAStatement));
    }
    let mut signature = sign(&statement);
    signature[10] ^= 1;
    let forged = SignedDecision::new(statement, signature).unwrap();
    let error = wrong(forged.verify(&matter, &record, &bob, at(2)));
    assert_eq!(error, DecisionError::Signature("bob".into()));
}

#[test]
fn one_person_is_not_enrolled_under_two_names() {
    let key = signer();
    let roles = || Roles::new([Role::Registrar]).unwrap();
    let anna = enrolled("anna", &[Role::Approver], &key);
    let again = Enrolment::with_key("bert", roles(), key.public_key()).unwrap();
    let known = again.check_beside(std::slice::from_ref(&anna)).unwrap_err();
    assert!(matches!(known, RegistrationError::KnownAs { .. }));
    let same_name = Enrolment::with_key("anna", roles(), signer().public_key()).unwrap();
    let taken = same_name
        .check_beside(std::slice::from_ref(&anna))
        .unwrap_err();
    assert_eq!(taken, RegistrationError::NameTaken("anna".into()));
    let fine = Enrolment::with_key("bert", roles(), signer().public_key()).unwrap();
    assert_eq!(fine.check_beside(&[anna]), Ok(()));
    for bad in ["", "Anna", "a b", "-a", "a/b", "é"] {
        assert!(
            Enrolment::with_key(bad, roles(), key.public_key()).is_err(),
            "{bad:?}"
        );
    }
}

#[test]
fn an_organisation_that_was_struck_off_stays_off() {
    let people = vec![person(PersonRole::LegalRepresentative, "Max Muster")];
    let new =
        |identifier: &str| OrganisationDocument::new(identifier, "Acme SAM", people.clone(), &[]);
    assert!(new("ACME-1").is_err());
    let text = new("NTRMC-00S03813").unwrap().text();
    let entity = Entity::organisation("NTRMC-00S03813");
    let begin = event(entity.clone(), 0, EventAct::Register, None, text.clone());
    let mut acme = Organisation::begin(&begin).unwrap();
    assert_eq!(acme.check_people(&people), Ok(()));
    let agent = [person(PersonRole::CertificationAgent, "Max Muster")];
    assert!(
        acme.check_people(&agent).is_err(),
        "a representative is no agent"
    );
    let strike = |how| {
        let document = StrikeOff::text(&text, how, "bankrupt").unwrap();
        event(entity.clone(), 1, EventAct::StrikeOff, None, document)
    };
    let follow = Follow::text(&text, None).unwrap();
    let back = event(entity.clone(), 1, EventAct::Reinstate, None, follow);
    assert!(acme.apply(&back).is_err());
    acme.apply(&strike(Striking::Suspend)).unwrap();
    assert!(acme.check_people(&people).is_err());
    assert!(acme.apply(&strike(Striking::Suspend)).is_err());
    acme.apply(&back).unwrap();
    assert_eq!(acme.check_people(&people), Ok(()));
    acme.apply(&strike(Striking::Revoke)).unwrap();
    for next in [back, strike(Striking::Suspend), strike(Striking::Revoke)] {
        assert!(acme.apply(&next).is_err(), "{:?}", next.act);
    }
}
