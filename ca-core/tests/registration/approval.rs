//! Nothing is issued before others approved, and every approval is signed.

use std::fs;
use std::process::Command;

use ca_core::profile::Profile;
use ca_core::registration::{RegistrationError, RevocationCode, SignedDecision};
use ca_core::settings::{LegislationConfig, PdsConfig};
use ca_core::{Fulfilment, QscdEvidence, RevocationReason, Settings, SettingsConfig};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::pem;
use pki_crypto::Message;

use crate::office::{Office, refusal};
use crate::support::{self, House, SEAL_SUBJECT, key};

#[test]
fn nothing_is_issued_before_others_approved_exactly_this() {
    let office = Office::new();
    let engine = &office.house.engine;
    let own = key(KeySpec::P256);
    let direct = office.house.issue("strict-seal", SEAL_SUBJECT);
    assert!(matches!(
        refusal(direct),
        RegistrationError::RequestNeeded(_)
    ));
    let number = office.register(&office.order(&own));
    assert!(matches!(
        refusal(office.issue(number, None)),
        RegistrationError::Quorum { have: 0, need: 2 }
    ));
    // Who registers has no say, nor has whoever does not approve by office; nobody twice.
    for by in ["bert", "anna", "rita", "paul"] {
        let refused = refusal(office.approve(number, by));
        assert!(
            matches!(refused, RegistrationError::Decision(_)),
            "{by}: {refused}"
        );
    }
    office.approve(number, "cleo").unwrap();
    assert_eq!(
        refusal(office.approve(number, "cleo")),
        RegistrationError::ApprovedBefore("cleo".into())
    );
    assert!(matches!(
        refusal(office.issue(number, None)),
        RegistrationError::Quorum { have: 1, .. }
    ));
    office.approve(number, "dora").unwrap();
    // Nobody but a registrar has it issued, and an approval does not stand for that.
    let proposal = engine.issue_proposal(number).unwrap();
    let unsigned = engine.issue_request(&office.house.issuing, number, None, &support::actors());
    assert!(matches!(
        refusal(unsigned),
        RegistrationError::RegisteredUnsigned | RegistrationError::Unsigned(..)
    ));
    let by_approver = office.decide(&proposal, "cleo");
    let wrong = engine.issue_request(&office.house.issuing, number, None, &by_approver);
    assert!(matches!(refusal(wrong), RegistrationError::Decision(_)));
    let other = engine.issue_request(&office.house.root, number, None, &by_approver);
    assert!(matches!(
        refusal(other),
        RegistrationError::OtherAuthority { .. }
    ));

    let issued = office.issue(number, None).unwrap();
    assert_eq!(issued.certificate.spki_der(), own.public_key().spki_der());
    assert_eq!(
        refusal(office.issue(number, None)),
        RegistrationError::IssuedBefore
    );
    // INTENT names the request and who approved it.
    let journal = office.journal();
    let intent = journal
        .lines()
        .rev()
        .find(|l| l.contains("\"type\":\"intent\""))
        .unwrap();
    assert!(
        intent.contains(r#""approvals":["cleo","dora"]"#),
        "{intent}"
    );
    assert!(intent.contains(&engine.request(number).unwrap().sha256()));
    engine.verify_journal().unwrap();
}

#[test]
fn openssl_verifies_every_decision_in_the_journal() {
    let office = Office::new();
    office.issued(&key(KeySpec::P256));
    let folder = office.house.folder.path();
    let mut checked = 0;
    for line in office.journal().lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let record = &value["record"];
        let step = match record["type"].as_str() {
            Some("registration") => record,
            Some("intent") => &record["registration"]["request"]["step"],
            _ => continue,
        };
        let Some(statement) = step["decision"]["statement"].as_str() else {
            continue;
        };
        let signature = hex::decode(step["decision"]["signature"].as_str().unwrap()).unwrap();
        let read: serde_json::Value = serde_json::from_str(statement).unwrap();
        let operator = read["operator"].as_str().unwrap();
        // The digest in the statement is that of the document in the record.
        let document = step["document"].as_str().unwrap();
        let digest = pki_crypto::DigestAlgorithm::Sha256.digest(document.as_bytes());
        assert_eq!(read["digest"], digest.to_hex());
        let spki = office.keys[operator].public_key().spki_der();
        let public = folder.join("operator.pub");
        fs::write(&public, pem::encode("PUBLIC KEY", spki).unwrap()).unwrap();
        let (content, value) = (folder.join("statement"), folder.join("signature"));
        fs::write(&content, statement).unwrap();
        fs::write(&value, &signature).unwrap();
        let verify = |content: &std::path::Path| {
            Command::new("openssl")
                .args(["dgst", "-sha256", "-verify"])
                .arg(&public)
                .arg("-signature")
                .arg(&value)
                .arg(content)
                .output()
        };
        let Ok(verified) = verify(&content) else {
            eprintln!("skipped: openssl not found");
            return;
        };
        assert!(verified.status.success(), "{statement}");
        fs::write(&content, statement.replace(operator, "mallory")).unwrap();
        assert!(!verify(&content).unwrap().status.success());
        checked += 1;
    }
    // Five enrolments, the organisation, and one request registered, approved twice and issued.
    assert_eq!(checked, 5 + 1 + 4);
}

#[test]
fn a_profile_that_comes_with_it_needs_somebody_else() {
    let office = Office::new();
    for profile in [
        "company-seal",
        "public-body-seal",
        "personal-signature",
        "professional-signature",
        "authentication",
        "short-term-signature",
    ] {
        let profile = office.house.engine.profile(profile).unwrap();
        assert_eq!(profile.registration().approvals, 1, "{}", profile.name());
    }
    let mut order = office.order(&key(KeySpec::P256));
    order.profile = "company-seal".into();
    let number = office.register(&order);
    assert!(matches!(
        refusal(office.issue(number, None)),
        RegistrationError::Quorum { have: 0, need: 1 }
    ));
    office.approve(number, "cleo").unwrap();
    office.issue(number, None).unwrap();
    office.house.engine.verify_journal().unwrap();
}

#[test]
fn profiles_change_by_decision_and_not_by_whoever_approves() {
    let mut office = Office::new();
    let seal = office
        .house
        .engine
        .profile("company-seal")
        .unwrap()
        .source();
    let mine = seal.replace("name = \"company-seal\"", "name = \"my-seal\"");
    let mine = Profile::parse(&mine).unwrap();
    let matter = office.house.engine.addition_matter(&mine);
    let decide = |by: &str, matter: &ca_core::registration::Matter| {
        let statement = office.house.engine.statement(matter, by).unwrap();
        let signature = office.keys[by]
            .sign(Message::Bytes(statement.as_bytes()))
            .unwrap();
        support::actors().decided(SignedDecision::new(statement, signature).unwrap())
    };
    let by_approver = decide("cleo", &matter);
    let by_administrator = decide("paul", &matter);
    let engine = &mut office.house.engine;
    let unsigned = refusal(engine.add_profile(&mine, &support::actors()));
    assert!(matches!(unsigned, RegistrationError::Unsigned(..)));
    let wrong = refusal(engine.add_profile(&mine, &by_approver));
    assert!(matches!(wrong, RegistrationError::Decision(_)));
    engine.add_profile(&mine, &by_administrator).unwrap();
    let unsigned = refusal(engine.retire_profile("my-seal", &support::actors()));
    assert!(matches!(unsigned, RegistrationError::Unsigned(..)));
    office.house.engine.verify_journal().unwrap();
}

#[test]
fn without_operators_the_simple_path_stays() {
    let house = House::new();
    let code = RevocationCode::generate().unwrap();
    let order = support::request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
    let fulfilment = Fulfilment::with_code(Some(code.clone()));
    let issued = house
        .engine
        .issue_fulfilling(&house.issuing, &order, &fulfilment)
        .unwrap();
    let serial = issued.certificate.serial();
    house
        .engine
        .revoke_with_code(
            serial,
            &code,
            RevocationReason::Superseded,
            &support::actors(),
        )
        .unwrap();
    house.engine.verify_journal().unwrap();
}

#[test]
fn a_request_is_not_issued_under_settings_that_nobody_approved() {
    let office = Office::new();
    let number = office.register(&office.order(&key(KeySpec::P256)));
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let clock = office.house.clock.clone();
    let House {
        folder,
        engine,
        location,
        ..
    } = office.house;
    drop(engine);
    let open = |settings| ca_core::CaEngine::open(&location, settings, clock.clone()).unwrap();
    // The certificate would name another disclosure statement than the one that was approved.
    let moved = Settings::new(SettingsConfig {
        base_url: "http://pki.sceau.example.com".into(),
        country: "MC".into(),
        policy_arc: "1.3.6.1.4.1.32473.1".into(),
        cps_uri: "https://sceau.example.com/cps".into(),
        pds: vec![PdsConfig {
            language: "en".into(),
            url: "https://elsewhere.example.com/pds-en.pdf".into(),
        }],
        legislation: LegislationConfig("MC".into()),
    });
    let engine = open(moved.unwrap());
    let refused = refusal(engine.issue_proposal(number));
    assert_eq!(refused, RegistrationError::SettingsChanged);
    drop(engine);
    // Another default for the law changes nothing: it is in the request.
    let engine = open(support::settings("EU"));
    engine.issue_proposal(number).unwrap();
    drop(folder);
}
