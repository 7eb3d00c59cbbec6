//! What operators decide beside registration: certificates revoked, authorities made and ended,
//! services certified, operators trusted by two.

use ca_core::registration::{
    DecisionError, Enrolment, EventAct, Order, RegistrationError, RevocationCode, Role, Roles,
};
use ca_core::store::{CertificatesAtEnd, IssuesBesideSuccessor};
use ca_core::{
    Actors, CaError, CertificationRequest, GenerationName, IssueRequest, NewAuthority,
    QscdEvidence, Renewal, RevocationReason, RevocationRequest, Service, SubjectKey,
    TerminationOrder, Validity,
};
use hsm_pkcs11::KeySpec;

use crate::office::{Office, refusal};
use crate::support::{self, House, key, order};

const OCSP_SUBJECT: &str =
    "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=Sceau companies OCSP";

/// With a second security-officer.
fn dual() -> Office {
    let mut office = Office::new();
    office.keys.insert("sven", key(KeySpec::P256));
    office
        .enrol("sven", Role::SecurityOfficer, Some("anna"))
        .unwrap();
    office
}

fn revocation(serial: &[u8]) -> RevocationRequest {
    RevocationRequest {
        authority: "companies".into(),
        serial: serial.to_vec(),
        reason: RevocationReason::Superseded,
        invalidity_date: None,
        requested_at: None,
        actors: support::actors(),
    }
}

#[test]
fn a_certificate_is_not_revoked_suspended_or_resumed_without_a_revocation_officer() {
    let office = Office::new();
    let engine = &office.house.engine;
    let seal = office.issued(&key(KeySpec::P256));
    let mut order = revocation(seal.certificate.serial());
    for refused in [
        refusal(engine.revoke(&order)),
        refusal(office.suspend(&seal, &[])),
        refusal(office.resume(&seal, &[])),
    ] {
        assert!(
            matches!(refused, RegistrationError::Unsigned(..)),
            "{refused}"
        );
    }
    let by_registrar = refusal(office.suspend(&seal, &["bert"]));
    assert!(matches!(
        by_registrar,
        RegistrationError::Decision(DecisionError::Role { .. })
    ));
    // Decided for another reason than the one that is then given.
    order.actors = office.order_by(order.order(), &["rita"]);
    order.reason = RevocationReason::KeyCompromise;
    let changed = refusal(engine.revoke(&order));
    assert!(matches!(
        changed,
        RegistrationError::Decision(DecisionError::About {
            member: "digest",
            ..
        })
    ));
    office.suspend(&seal, &["rita"]).unwrap();
    office.resume(&seal, &["rita"]).unwrap();
    order.actors = office.order_by(order.order(), &["rita"]);
    engine.revoke(&order).unwrap();
    engine.verify_journal().unwrap();
}

#[test]
fn who_has_the_code_needs_no_operator_and_the_journal_proves_the_code() {
    let office = Office::new();
    let engine = &office.house.engine;
    let number = office.register(&office.order(&key(KeySpec::P256)));
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let code = RevocationCode::generate().unwrap();
    let seal = office.issue(number, Some(code.clone())).unwrap();
    engine
        .revoke_with_code(
            seal.certificate.serial(),
            &code,
            RevocationReason::KeyCompromise,
            &support::actors(),
        )
        .unwrap();
    assert!(office.journal().contains(code.reveal().as_str()));
    engine.verify_journal().unwrap();
}

#[test]
fn two_security_officers_decide_on_an_authority_where_there_are_two() {
    let office = dual();
    let engine = &office.house.engine;
    let new = |name: &str, actors: Actors| NewAuthority {
        actors,
        ..order(name, "issuing-ca")
    };
    let create = |actors| {
        let new = new("residents", actors);
        engine.create_authority(&new, key(KeySpec::P256), Some(&office.house.root))
    };
    let decide = |by: &[&str]| {
        let new = new("residents", Actors::default());
        office.order_by(engine.order_to_create(&new, Some("root")).unwrap(), by)
    };
    assert!(matches!(
        refusal(create(support::actors())),
        RegistrationError::Unsigned("ca-certify", Role::SecurityOfficer)
    ));
    assert!(matches!(
        refusal(create(decide(&["anna"]))),
        RegistrationError::TooFewDecisions {
            have: 1,
            need: 2,
            ..
        }
    ));
    assert_eq!(
        refusal(create(decide(&["anna", "anna"]))),
        RegistrationError::DecidedTwice("anna".into())
    );
    // Two signatures for another authority.
    let other = new("nationals", Actors::default());
    let other = office.order_by(
        engine.order_to_create(&other, Some("root")).unwrap(),
        &["anna", "sven"],
    );
    assert!(matches!(
        refusal(create(other)),
        RegistrationError::Decision(DecisionError::About { .. })
    ));
    create(decide(&["anna", "sven"])).unwrap();
    assert!(engine.authority("residents").is_ok());

    let mut renewal = Renewal {
        authority: "residents".into(),
        validity: Validity::ProfileDefault,
        actors: support::actors(),
    };
    assert!(matches!(
        refusal(engine.renew_authority(&renewal, &office.house.root)),
        RegistrationError::Unsigned(..)
    ));
    let to_renew = engine.order_to_renew(&renewal).unwrap();
    renewal.actors = office.order_by(to_renew, &["sven", "anna"]);
    engine
        .renew_authority(&renewal, &office.house.root)
        .unwrap();

    let next = NewAuthority {
        key_location: "keys/next.pem".into(),
        ..order("residents-g2", "issuing-ca")
    };
    let to_follow = engine
        .order_to_follow(&next, "residents", GenerationName::Own, Some("root"))
        .unwrap();
    let next = NewAuthority {
        actors: office.order_by(to_follow, &["anna", "sven"]),
        ..next
    };
    let root = Some(&office.house.root);
    engine
        .create_generation(
            &next,
            "residents",
            GenerationName::Own,
            key(KeySpec::P256),
            root,
        )
        .unwrap();
    let beside = IssuesBesideSuccessor::Yes;
    let unsigned = engine.set_issuing("residents", beside, &support::actors());
    assert!(matches!(
        refusal(unsigned),
        RegistrationError::Unsigned("ca-issuing", _)
    ));
    let by_both = office.order_by(
        engine.order_to_issue_beside("residents", beside),
        &["anna", "sven"],
    );
    engine.set_issuing("residents", beside, &by_both).unwrap();
    engine.verify_journal().unwrap();
}

/// The end is decided once; the certificates that go with it need no decision each, and no other
/// reason slips in with them.
#[test]
fn an_authority_ends_by_decision_and_its_certificates_with_it() {
    let office = dual();
    let engine = &office.house.engine;
    let seal = office.issued(&key(KeySpec::P256));
    let mut end = TerminationOrder {
        authority: "companies".into(),
        confirmed: "companies".into(),
        reason: "the register takes over".into(),
        certificates: CertificatesAtEnd::Revoked,
        actors: support::actors(),
    };
    assert!(matches!(
        refusal(engine.terminate(&end)),
        RegistrationError::Unsigned("ca-terminate", _)
    ));
    assert!(matches!(
        refusal(engine.revoke(&RevocationRequest {
            reason: RevocationReason::CessationOfOperation,
            ..revocation(seal.certificate.serial())
        })),
        RegistrationError::Unsigned(..)
    ));
    end.actors = office.order_by(end.order(), &["anna", "sven"]);
    assert_eq!(engine.terminate(&end).unwrap(), 1);
    // Taken up again it ends as it was decided, and not otherwise.
    end.actors = support::actors();
    assert_eq!(engine.terminate(&end).unwrap(), 0);
    end.certificates = CertificatesAtEnd::Left;
    let other = engine.terminate(&end).unwrap_err();
    assert!(
        other.to_string().contains("its certificates were revoked"),
        "{other}"
    );
    engine.verify_journal().unwrap();
}

#[test]
fn a_service_is_certified_by_decision_and_renewed_without() {
    let office = Office::new();
    let engine = &office.house.engine;
    let csr = || {
        let der = support::request_of_another(office.house.folder.path(), OCSP_SUBJECT);
        CertificationRequest::parse(&der).unwrap()
    };
    let foreign = csr();
    let request = |key: SubjectKey, actors: Actors| IssueRequest {
        profile: "ocsp-signer".into(),
        subject: OCSP_SUBJECT.parse().unwrap(),
        key,
        qscd: QscdEvidence::None,
        legislation: None,
        validity: Validity::ProfileDefault,
        actors,
    };
    let issue =
        |key: SubjectKey, actors| engine.issue(&office.house.issuing, &request(key, actors));
    let ours = || SubjectKey::Held(key(KeySpec::P256).public_key().clone());
    assert!(matches!(
        refusal(issue(ours(), support::actors())),
        RegistrationError::Unsigned("service-certify", Role::SecurityOfficer)
    ));
    let subject = OCSP_SUBJECT.parse().unwrap();
    let decide = |request| {
        let service = Service {
            authority: "companies",
            profile: "ocsp-signer",
            subject: &subject,
            request,
            validity: Validity::ProfileDefault,
        };
        let order = engine.order_of_service(&service).unwrap().unwrap();
        office.order_by(order, &["anna"])
    };
    issue(ours(), decide(None)).unwrap();
    // The CA's own key, the same name: by itself.
    issue(ours(), support::actors()).unwrap();
    // A key that somebody brings: not before it was decided on, and from then on the same one.
    let brought = SubjectKey::Request(foreign.clone());
    assert!(matches!(
        refusal(issue(brought.clone(), support::actors())),
        RegistrationError::Unsigned(..)
    ));
    issue(brought.clone(), decide(Some(&foreign))).unwrap();
    issue(brought, support::actors()).unwrap();
    let other = SubjectKey::Request(csr());
    assert!(matches!(
        refusal(issue(other, support::actors())),
        RegistrationError::Unsigned(..)
    ));
    engine.verify_journal().unwrap();
}

#[test]
fn two_security_officers_decide_whom_to_trust_and_one_can_pull_the_brake() {
    let mut office = dual();
    office.keys.insert("olga", key(KeySpec::P256));
    let engine = &office.house.engine;
    let roles = Roles::new([Role::Auditor]).unwrap();
    let olga = Enrolment::with_key("olga", roles, office.keys["olga"].public_key()).unwrap();
    let enrol = engine.enrol(&olga).unwrap();
    let need_two = |refused| {
        matches!(
            refused,
            RegistrationError::TooFewDecisions {
                have: 1,
                need: 2,
                ..
            }
        )
    };
    assert!(need_two(refusal(office.take(&enrol, "anna"))));
    let both = office
        .decide(&enrol, "anna")
        .decided(office.sign(&enrol, "sven"));
    engine.take(&enrol, &both).unwrap();
    let step = |name: &str, act| engine.change_operator(name, act, None).unwrap();
    assert!(need_two(refusal(
        office.take(&step("bert", EventAct::Remove), "anna")
    )));
    // Whoever sees something amiss stops it, alone; going on takes two.
    office
        .take(&step("bert", EventAct::Suspend), "anna")
        .unwrap();
    assert!(need_two(refusal(
        office.take(&step("bert", EventAct::Resume), "anna")
    )));
    let resume = step("bert", EventAct::Resume);
    let both = office
        .decide(&resume, "sven")
        .decided(office.sign(&resume, "anna"));
    engine.take(&resume, &both).unwrap();
    engine.verify_journal().unwrap();
}

#[test]
fn before_anybody_is_enrolled_nothing_needs_a_decision() {
    let house = House::new();
    let seal = house.issue("company-seal", support::SEAL_SUBJECT).unwrap();
    house
        .engine
        .revoke(&revocation(seal.certificate.serial()))
        .unwrap();
    house.engine.verify_journal().unwrap();
    // And nobody's signature counts.
    let office = Office::new();
    let order = Order::CaIssuing {
        authority: "companies".into(),
        issuing: "beside-successor".into(),
    };
    let actors = office.order_by(order, &["anna"]);
    let stranger = house
        .engine
        .set_issuing("companies", IssuesBesideSuccessor::Yes, &actors);
    assert_eq!(refusal(stranger), RegistrationError::NobodyEnrolled);
}

/// A mandate that is taken out of the journal, or another's put in its place, is found although every
/// hash of the chain was computed anew.
#[test]
fn an_act_whose_decisions_are_gone_is_found() {
    let strip = |record: &str, which: &str| -> Option<String> {
        let mut value: serde_json::Value = serde_json::from_str(record).unwrap();
        value["mandate"]["decisions"].as_array()?;
        match which {
            "all" => drop(value.as_object_mut()?.remove("mandate")),
            "one" => drop(value["mandate"]["decisions"].as_array_mut()?.pop()),
            "quorum" => {
                let document = value["mandate"]["document"].as_str()?;
                let lower = document.replace("\"decisions\":2", "\"decisions\":1");
                value["mandate"]["document"] = lower.into();
                value["mandate"]["decisions"].as_array_mut()?.pop();
            }
            _ => {
                let document = value["mandate"]["document"].as_str()?;
                let other = document.replace("beside-successor", "successor-only");
                value["mandate"]["document"] = other.into();
            }
        }
        Some(value.to_string())
    };
    for (damage, what) in [
        ("all", "nobody signed"),
        ("one", "2 different operators"),
        ("quorum", "digest"),
        ("order", "for something else"),
    ] {
        let office = dual();
        let engine = &office.house.engine;
        let beside = IssuesBesideSuccessor::Yes;
        let by_both = office.order_by(
            engine.order_to_issue_beside("companies", beside),
            &["anna", "sven"],
        );
        engine.set_issuing("companies", beside, &by_both).unwrap();
        engine.verify_journal().unwrap();
        support::rewrite_journal(&office.house.record(), |record| strip(record, damage));
        let found = engine.verify_journal().unwrap_err().to_string();
        assert!(found.contains(what), "{damage}: {found}");
    }
}

#[test]
fn what_was_decided_is_not_done_twice() {
    let office = dual();
    let engine = &office.house.engine;
    let beside = IssuesBesideSuccessor::Yes;
    let by_both = office.order_by(
        engine.order_to_issue_beside("companies", beside),
        &["anna", "sven"],
    );
    engine.set_issuing("companies", beside, &by_both).unwrap();
    let again = engine.set_issuing("companies", beside, &by_both);
    assert!(matches!(&again, Err(CaError::Store(_))), "{again:?}");
    assert_eq!(refusal(again), RegistrationError::Replayed);
}
