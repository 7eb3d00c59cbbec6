//! The second certificate of a key, a subject or a holder.

use std::sync::Arc;

use ca_core::registration::{Certificate, Evidence, RegistrationError};
use ca_core::{
    CaError, ExpiryFilter, QscdEvidence, RenewalOrder, RequestOrder, RevocationReason, Service,
    SubjectKey, Validity,
};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::Clock as _;

use crate::office::{Office, refusal, revoke, seen};
use crate::support::{self, SEAL_SUBJECT, key};

#[test]
fn keys_and_subjects_are_certified_again_only_where_the_profile_allows() {
    let office = Office::new();
    let engine = &office.house.engine;
    let own = key(KeySpec::P256);
    let first = office.issued(&own);
    let again = |order: &RequestOrder| {
        let number = office.register(order);
        office.approve(number, "cleo").unwrap();
        office.approve(number, "dora").unwrap();
        office.issue(number, None)
    };
    let same = refusal(again(&office.order(&key(KeySpec::P256))));
    assert!(
        matches!(same, RegistrationError::DuplicateSubject { .. }),
        "{same}"
    );
    let mut other = office.order(&own);
    other.subject = (SEAL_SUBJECT.to_owned() + " Monaco").parse().unwrap();
    let key_again = refusal(again(&other));
    assert!(
        matches!(key_again, RegistrationError::DuplicateKey { .. }),
        "{key_again}"
    );
    // A revoked one is in nobody's way, but its key is spent for ever, whoever would certify it.
    revoke(&office, &first, RevocationReason::KeyCompromise);
    let spent = refusal(again(&office.order(&own)));
    assert!(
        matches!(spent, RegistrationError::CompromisedKey { .. }),
        "{spent}"
    );
    let signer = support::request(
        "ocsp-signer",
        "C=MC,O=Sceau Example,CN=OCSP",
        QscdEvidence::None,
    );
    let signer = ca_core::IssueRequest {
        key: SubjectKey::Held(own.public_key().clone()),
        ..signer
    };
    let service = Service {
        authority: "root",
        profile: &signer.profile,
        subject: &signer.subject,
        request: None,
        validity: signer.validity,
    };
    let order = engine.order_of_service(&service).unwrap().unwrap();
    let signer = ca_core::IssueRequest {
        actors: office.order_by(order, &["anna"]),
        ..signer.clone()
    };
    let by_root = refusal(engine.issue(&office.house.root, &signer));
    assert!(
        matches!(by_root, RegistrationError::CompromisedKey { .. }),
        "{by_root}"
    );
    again(&office.order(&key(KeySpec::P256))).unwrap();
    engine.verify_journal().unwrap();
}

#[test]
fn a_successor_has_a_new_key_the_old_identity_and_evidence_that_counts() {
    let office = Office::new();
    let engine = &office.house.engine;
    let own = key(KeySpec::P256);
    let first = office.issued(&own);
    let of = Certificate {
        authority: "companies".into(),
        serial: first.certificate.serial_hex(),
    };
    let renewal = |key: Option<&Arc<dyn Signer>>, evidence: Vec<Evidence>| {
        engine.prepare_renewal(&RenewalOrder {
            certificate: of.clone(),
            key: key.map(|k| SubjectKey::Held(k.public_key().clone())),
            qscd: QscdEvidence::None,
            validity: Validity::ProfileDefault,
            evidence,
            at: office.house.clock.now(),
        })
    };
    assert!(matches!(
        refusal(renewal(None, vec![])),
        RegistrationError::SameKey(_)
    ));
    assert!(matches!(
        refusal(renewal(Some(&own), vec![])),
        RegistrationError::SameKey(_)
    ));
    // It ends in three years less a day; the report says so in time.
    let mut ending = Vec::new();
    let mut ends = |days, filter: &ExpiryFilter| {
        ending.clear();
        engine
            .expiring(days, filter, |e| {
                ending.push((e.entry.serial_hex(), e.renewed));
                Ok::<_, CaError>(())
            })
            .unwrap();
        ending.clone()
    };
    let acme = ExpiryFilter {
        organisation: Some("NTRMC-00S03813".into()),
        ..ExpiryFilter::default()
    };
    assert_eq!(ends(30, &acme), vec![]);
    assert_eq!(ends(1_095, &acme), vec![(of.serial.clone(), false)]);
    office
        .house
        .clock
        .advance(std::time::Duration::from_secs(1_097 * 86_400));
    let new_key = key(KeySpec::P256);
    assert_eq!(
        refusal(renewal(Some(&new_key), vec![])),
        RegistrationError::NoEvidence
    );
    let now = office.house.clock.now();
    let prepared = renewal(Some(&new_key), vec![seen(now)]).unwrap();
    let number = office.take(&prepared.proposal, "bert").unwrap();
    let request = engine.request(number).unwrap();
    assert_eq!(request.document().subject, SEAL_SUBJECT);
    assert_eq!(request.document().people.len(), 3);
    office.approve(number, "cleo").unwrap();
    office.approve(number, "dora").unwrap();
    let second = office.issue(number, None).unwrap();
    let successor = engine.successor(&of).unwrap().unwrap();
    assert_eq!(successor.serial_hex(), second.certificate.serial_hex());
    assert!(office.journal().contains(&format!(
        r#""renews":{{"authority":"companies","serial":"{}"}}"#,
        of.serial
    )));
    revoke(&office, &second, RevocationReason::Superseded);
    let of = Certificate {
        authority: "companies".into(),
        serial: second.certificate.serial_hex(),
    };
    let revoked = engine.prepare_renewal(&RenewalOrder {
        certificate: of,
        key: Some(SubjectKey::Held(key(KeySpec::P256).public_key().clone())),
        qscd: QscdEvidence::None,
        validity: Validity::ProfileDefault,
        evidence: vec![],
        at: now,
    });
    assert!(matches!(
        refusal(revoked),
        RegistrationError::NotRenewable { .. }
    ));
    engine.verify_journal().unwrap();
}
