//! What was changed behind the journal is found.

use hsm_pkcs11::KeySpec;
use pki_asn1::Clock as _;

use crate::office::Office;
use crate::support::{self, House, SEAL_SUBJECT, key};

#[test]
fn a_changed_step_key_or_decision_is_found() {
    for (damage, what) in [
        (
            "UPDATE registration_event SET document = replace(document, 'Max', 'Mux')",
            "was changed",
        ),
        (
            "DELETE FROM registration_event WHERE act = 'approve'",
            "is missing",
        ),
        ("DELETE FROM operator_decision", "decision of"),
        (
            "UPDATE certificate_registration SET key_sha256 = zeroblob(32)",
            "registration of certificate",
        ),
        (
            "INSERT INTO compromised_key VALUES (zeroblob(32), 'companies', x'01')",
            "compromised keys",
        ),
        (
            "INSERT INTO revocation_code_refusal (at, serial) VALUES (1, x'01')",
            "refusals",
        ),
        (
            "INSERT INTO registration_event VALUES ('operator', 'mallory', 0, 'register', NULL, 1, '{}')",
            "steps of registration",
        ),
    ] {
        let office = Office::new();
        office.issued(&key(KeySpec::P256));
        let record = rusqlite::Connection::open(office.house.record()).unwrap();
        let triggers: Vec<String> = record
            .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for trigger in triggers {
            record
                .execute_batch(&format!("DROP TRIGGER {trigger}"))
                .unwrap();
        }
        office.house.engine.verify_journal().unwrap();
        record.execute_batch(damage).unwrap();
        let found = office
            .house
            .engine
            .verify_journal()
            .unwrap_err()
            .to_string();
        assert!(found.contains(what), "{damage}: {found}");
    }
}

#[test]
fn a_certificate_that_went_round_registration_is_found() {
    use ca_core::registration::Order;
    use ca_core::store::{
        Act, AuthorityRef, Change, Intent, IntentRegistration, Mandate, RecordLocation,
    };
    let office = Office::new();
    office.issued(&key(KeySpec::P256));
    // Whom security-officers can have certified are services, not companies.
    let service = Order::ServiceCertify {
        authority: "companies".into(),
        profile: "company-seal".into(),
        subject: SEAL_SUBJECT.into(),
        key_sha256: None,
        days: None,
    };
    let order = office.house.engine.order(service);
    let decisions = vec![office.decide_on(&order.matter(), "anna")];
    let now = office.house.clock.now();
    let record: RecordLocation = office.house.record().as_path().into();
    let House { folder, engine, .. } = office.house;
    engine.verify_journal().unwrap();
    drop(engine);
    // Said to be the provider's own, as a program that was tampered with would.
    let store = record.open().unwrap();
    let intent = Intent {
        authority: AuthorityRef {
            // The root is the first.
            id: 2,
            name: "companies".into(),
        },
        serial: vec![7; 20],
        tbs_sha256: [1; 32],
        profile: "company-seal".into(),
        profile_sha256: [2; 32],
        subject: SEAL_SUBJECT.into(),
        not_before: now,
        not_after: now.plus_days(365),
        qscd_evidence: None,
        new_authority: None,
        certifies: None,
        registration: Box::new(IntentRegistration::of_provider([3; 32])),
        order: None,
    };
    let change = Change {
        at: now,
        actors: vec!["mallory".into()],
        act: Act::Intend(intent),
        mandate: Some(Mandate::Decided {
            order: Box::new(order),
            decisions,
        }),
    };
    store.commit(change).unwrap();
    drop(store);
    let engine = ca_core::CaEngine::open(&record, support::settings("MC"), office.house.clock);
    let found = engine.unwrap().verify_journal().unwrap_err().to_string();
    assert!(found.contains("without a request"), "{found}");
    drop(folder);
}
