//! What the record survives and what it refuses.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ca_core::status::{Status, StatusReader};
use ca_core::{
    CaEngine, CaError, CertificateState, ListFilter, QscdEvidence, RevocationReason,
    RevocationRequest, StoreError, SubjectDn, Validity,
};
use hsm_pkcs11::{KeySpec, Protection, SignError, Signer};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};
use support::{House, PERSON_SUBJECT, SEAL_SUBJECT, actors, key, order, request, settings};

/// A token on its bad day: the power fails while it signs, or it returns something else.
#[derive(Debug)]
struct Token {
    inner: Arc<dyn Signer>,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    PowerCut,
    WrongSignature,
    Refusal,
}

impl Signer for Token {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.inner.algorithm()
    }
    fn public_key(&self) -> &PublicKey {
        self.inner.public_key()
    }
    fn protection(&self) -> Protection {
        Protection::Token
    }
    fn sign(&self, message: Message<'_>) -> Result<Vec<u8>, SignError> {
        match self.fault {
            Fault::PowerCut => {
                self.inner.sign(message)?;
                std::panic::resume_unwind(Box::new("power cut"))
            }
            Fault::WrongSignature => self.inner.sign(Message::Bytes(b"something else")),
            Fault::Refusal => Err(SignError::Library(self.algorithm())),
        }
    }
}

fn revocation(serial: &[u8]) -> RevocationRequest {
    RevocationRequest {
        authority: "companies".into(),
        serial: serial.to_vec(),
        reason: RevocationReason::Superseded,
        invalidity_date: None,
        requested_at: None,
        actors: actors(),
    }
}

#[test]
fn an_issuance_interrupted_after_its_intent_ends_as_revoked() {
    let house = House::new();
    let (record, clock) = (house.record(), house.clock.clone());
    let cut = |inner: &Arc<dyn Signer>| {
        Arc::new(Token {
            inner: inner.clone(),
            fault: Fault::PowerCut,
        })
    };
    let token = house
        .engine
        .unlock("companies", cut(&house.issuing_signer))
        .unwrap();
    let seal = request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
    let dies = AssertUnwindSafe(|| house.engine.issue(&token, &seal));
    assert!(catch_unwind(dies).is_err());
    // And while a root makes itself: its name is free again afterwards.
    let second = key(KeySpec::P256);
    let new_root = order("second", "root-ca");
    let dies = AssertUnwindSafe(|| house.engine.create_authority(&new_root, cut(&second), None));
    assert!(catch_unwind(dies).is_err());
    let House { engine, folder, .. } = house;
    drop(engine);

    let engine = CaEngine::open(&record, settings("MC"), clock).unwrap();
    assert_eq!(engine.recovered().len(), 2);
    let lost = &engine.recovered()[0];
    let found = engine.find_serial(&lost.serial).unwrap();
    assert_eq!(found[0].state, CertificateState::Abandoned);
    assert!(found[0].certificate.is_none());
    let status = StatusReader::open(&record).unwrap();
    let answer = status.status("companies", &lost.serial).unwrap();
    assert!(matches!(answer, Some(Status::Revoked { .. })));
    let companies = engine
        .unlock("companies", house.issuing_signer.clone())
        .unwrap();
    let crl = engine
        .issue_crl(&companies, Duration::from_secs(60), &actors())
        .unwrap();
    assert_eq!(crl.entries, 1);
    engine.verify_journal().unwrap();
    engine.create_authority(&new_root, second, None).unwrap();
    drop(engine);
    let again = CaEngine::open(&record, settings("MC"), house.clock.clone()).unwrap();
    assert!(again.recovered().is_empty());
    drop(folder);
}

#[test]
fn what_a_faulty_token_returns_never_leaves() {
    let house = House::new();
    for fault in [Fault::WrongSignature, Fault::Refusal] {
        let token = Arc::new(Token {
            inner: house.issuing_signer.clone(),
            fault,
        });
        let token = house.engine.unlock("companies", token).unwrap();
        let seal = request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
        let error = house.engine.issue(&token, &seal).unwrap_err();
        assert!(
            matches!(
                error,
                CaError::Verification { .. } | CaError::Signing { .. }
            ),
            "{error}"
        );
        assert!(error.hint().is_some());
    }
    assert_eq!(house.engine.statistics().unwrap().abandoned, 2);
    house.engine.verify_journal().unwrap();
}

#[test]
fn a_changed_or_missing_journal_record_is_named() {
    let house = House::new();
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    let report = house.engine.verify_journal().unwrap();
    assert_eq!(report.records, 7);
    let mut export = Vec::new();
    assert_eq!(house.engine.export_journal(&mut export).unwrap(), 7);
    for line in export.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let line: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert!(
            line["record"]["type"].is_string()
                || line["schema"].is_string()
                || line["end"].is_object()
        );
    }
    let db = rusqlite::Connection::open(house.record()).unwrap();
    for statement in [
        "UPDATE journal SET record = x'7b7d' WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 3",
        "DELETE FROM certificate",
        "UPDATE certificate SET der = x'00'",
        "INSERT INTO crl_number VALUES (1, 0, 7, 0, 0)",
        "UPDATE authority SET status_changes = 7",
        "UPDATE authority SET crl_partitions = 7",
    ] {
        assert!(db.execute(statement, []).is_err(), "{statement}");
    }
    // Somebody with the file in hand can do it anyway; the chain tells.
    db.execute_batch("DROP TRIGGER journal_is_append_only_update")
        .unwrap();
    let change =
        "UPDATE journal SET record = replace(record, 'companies', 'compani3s') WHERE seq = 6";
    assert_eq!(db.execute(change, []).unwrap(), 1);
    let error = house.engine.verify_journal().unwrap_err();
    assert!(
        matches!(&error, CaError::JournalBroken(b) if b.seq == 6),
        "{error}"
    );
}

#[test]
fn status_is_good_then_revoked_and_never_good_for_a_stranger() {
    let house = House::new();
    let status = StatusReader::open(&house.record()).unwrap();
    let names: Vec<_> = status
        .authorities()
        .unwrap()
        .into_iter()
        .map(|a| a.name)
        .collect();
    assert_eq!(names, ["root", "companies"]);
    let before = status.version().unwrap();
    let issued = house.issue("company-seal", SEAL_SUBJECT).unwrap();
    let serial = issued.certificate.serial();
    assert_eq!(
        status.status("companies", serial).unwrap(),
        Some(Status::Good)
    );
    assert_eq!(status.status("root", serial).unwrap(), None);
    assert_eq!(status.status("companies", &[1]).unwrap(), None);
    assert!(status.version().unwrap() > before);
    assert!(status.crl("companies").unwrap().is_none());

    let at = house.engine.revoke(&revocation(serial)).unwrap().at;
    let answer = status.status("companies", serial).unwrap();
    let expected = Status::Revoked {
        at,
        reason: RevocationReason::Superseded,
        invalidity_date: None,
    };
    assert_eq!(answer, Some(expected));
    let error = house.engine.revoke(&revocation(serial)).unwrap_err();
    assert!(matches!(error, CaError::AlreadyRevoked { .. }), "{error}");
    let error = house.engine.revoke(&revocation(&[9; 20])).unwrap_err();
    assert!(matches!(error, CaError::UnknownSerial { .. }), "{error}");
    let hold = RevocationRequest {
        reason: RevocationReason::CertificateHold,
        ..revocation(serial)
    };
    let error = house.engine.revoke(&hold).unwrap_err();
    assert!(matches!(error, CaError::Revocation(_)), "{error}");
    let revoked = ListFilter {
        authority: Some("companies".into()),
        revoked: true,
    };
    assert_eq!(house.engine.list(&revoked).unwrap().len(), 1);
    let fingerprint = pki_crypto::fingerprint(&issued.certificate);
    let found = house
        .engine
        .find_fingerprint(fingerprint.as_bytes())
        .unwrap();
    assert_eq!(found.unwrap().serial, serial);
}

#[test]
fn orders_that_cannot_be_right_are_refused_with_their_clause() {
    let house = House::new();
    let refuse = |profile: &str, subject: &str, expected: &str| {
        let error = house.issue(profile, subject).unwrap_err();
        let hint = error.hint();
        let chain = format!("{error} {hint:?}");
        assert!(chain.contains(expected), "{chain}");
    };
    refuse("company-seal", "C=MC,O=Acme SAM,CN=Acme", "LEG-4.2.1-2");
    refuse(
        "company-seal",
        "C=MC,O=A,organizationIdentifier=ACME,CN=A",
        "5.1.4",
    );
    refuse(
        "company-seal",
        "C=ZZ,O=A,organizationIdentifier=NTRMC-1,CN=A",
        "ISO 3166-1",
    );
    refuse(
        "personal-signature",
        "C=MC,serialNumber=IDCMC-1,CN=Zoé",
        "NAT-4.2.4-1",
    );
    refuse(
        "personal-signature",
        "C=MC,serialNumber=IDCMC-1,givenName=Zoé,pseudonym=Z,CN=Z",
        "NAT-4.2.4-4",
    );
    refuse("personal-signature", SEAL_SUBJECT, "serialNumber");
    refuse("company-sael", SEAL_SUBJECT, "profile list");
    refuse("issuing-ca", SEAL_SUBJECT, "ca create");
    let error = "C=MC,CN=".parse::<SubjectDn>().unwrap_err();
    assert!(error.hint().is_some());

    let too_long = ca_core::IssueRequest {
        validity: Validity::Days(2_000),
        ..request("company-seal", SEAL_SUBJECT, QscdEvidence::None)
    };
    let error = house.engine.issue(&house.issuing, &too_long).unwrap_err();
    assert!(matches!(error, CaError::ValidityTooLong { .. }), "{error}");
    let rsa = aws_rsa_2048();
    let weak = ca_core::IssueRequest {
        key: ca_core::SubjectKey::Held(rsa.public_key().clone()),
        ..request("company-seal", SEAL_SUBJECT, QscdEvidence::None)
    };
    let error = house.engine.issue(&house.issuing, &weak).unwrap_err();
    assert!(error.to_string().contains("TS 119 312"), "{error}");

    let same =
        house
            .engine
            .create_authority(&order("companies", "root-ca"), key(KeySpec::P256), None);
    assert!(matches!(same, Err(CaError::DuplicateAuthority(_))));
    let same_key = house.engine.create_authority(
        &order("others", "root-ca"),
        house.issuing_signer.clone(),
        None,
    );
    assert!(matches!(same_key, Err(CaError::KeyInUse(_))));
    let other = house.engine.unlock("companies", key(KeySpec::P256));
    assert!(matches!(other, Err(CaError::WrongAuthorityKey(_))));
    let by_root = house.engine.issue(
        &house.root,
        &request("personal-signature", PERSON_SUBJECT, QscdEvidence::None),
    );
    assert!(matches!(by_root, Err(CaError::NotItsTask { .. })));

    // Nothing of all this was signed or recorded.
    assert_eq!(house.engine.verify_journal().unwrap().records, 5);
    house.clock.advance(Duration::from_secs(11 * 366 * 86_400));
    let error = house.issue("company-seal", SEAL_SUBJECT).unwrap_err();
    assert!(matches!(error, CaError::AuthorityExpired { .. }), "{error}");
}

fn aws_rsa_2048() -> Arc<dyn Signer> {
    key(KeySpec {
        kind: pki_crypto::KeyKind::Rsa { bits: 2048 },
        algorithm: KeySpec::RSA3072.algorithm,
    })
}

#[test]
fn a_certificate_never_outlives_its_ca_and_a_revoked_ca_issues_nothing() {
    let house = House::new();
    let end = house.issuing.authority().certificate.not_after();
    house.clock.set(end - Duration::from_secs(10 * 86_400));
    let issued = house.issue("company-seal", SEAL_SUBJECT).unwrap();
    assert_eq!(issued.certificate.not_after(), end);
    let days = ca_core::IssueRequest {
        validity: Validity::Days(30),
        ..request("company-seal", SEAL_SUBJECT, QscdEvidence::None)
    };
    let error = house.engine.issue(&house.issuing, &days).unwrap_err();
    assert!(
        matches!(error, CaError::OutlivesAuthority { .. }),
        "{error}"
    );
    let order = RevocationRequest {
        authority: "root".into(),
        reason: RevocationReason::CaCompromise,
        ..revocation(house.issuing.authority().certificate.serial())
    };
    house.engine.revoke(&order).unwrap();
    let error = house.issue("company-seal", SEAL_SUBJECT).unwrap_err();
    assert!(matches!(error, CaError::AuthorityRevoked { .. }), "{error}");
}

#[test]
fn a_second_process_waits_and_then_says_who_is_there() {
    let house = House::new();
    let started = Instant::now();
    let second = CaEngine::open(&house.record(), settings("MC"), house.clock.clone());
    let error = second.unwrap_err();
    assert!(
        matches!(error, CaError::Store(StoreError::InUse(_))),
        "{error}"
    );
    assert!(started.elapsed() >= Duration::from_secs(4));
    let reading =
        CaEngine::open_read_only(&house.record(), settings("MC"), house.clock.clone()).unwrap();
    assert_eq!(reading.authorities().unwrap().len(), 2);
    let own = house.issuing.authority().certificate.serial();
    let order = RevocationRequest {
        authority: "root".into(),
        ..revocation(own)
    };
    let error = reading.revoke(&order).unwrap_err();
    assert!(
        matches!(error, CaError::Store(StoreError::ReadOnly(_))),
        "{error}"
    );
}

#[test]
fn a_locked_database_stops_issuing_and_loses_nothing() {
    let house = House::new();
    let db = rusqlite::Connection::open(house.record()).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = house.issue("company-seal", SEAL_SUBJECT).unwrap_err();
    assert!(
        matches!(error, CaError::Store(StoreError::Locked(_))),
        "{error}"
    );
    db.execute_batch("ROLLBACK").unwrap();
    house.issue("company-seal", SEAL_SUBJECT).unwrap();
    house.engine.verify_journal().unwrap();
}

#[test]
fn what_is_not_a_record_is_not_opened_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(pki_asn1::SystemClock);
    let open = |name: &str| {
        CaEngine::open(&folder.path().join(name), settings("MC"), clock.clone()).unwrap_err()
    };
    let error = open("nothing.sqlite");
    assert!(
        matches!(error, CaError::Store(StoreError::Missing(_))),
        "{error}"
    );
    std::fs::write(folder.path().join("text"), "x".repeat(5_000)).unwrap();
    let error = open("text");
    assert!(
        matches!(error, CaError::Store(StoreError::NotARecord(_))),
        "{error}"
    );
    std::fs::write(folder.path().join("empty"), "").unwrap();
    let error = open("empty");
    assert!(
        matches!(error, CaError::Store(StoreError::NotARecord(_))),
        "{error}"
    );
    let error = CaEngine::create(&folder.path().join("text"), settings("MC"), clock).unwrap_err();
    assert!(
        matches!(error, CaError::Store(StoreError::Exists(_))),
        "{error}"
    );
}

#[test]
fn eight_requesters_at_once_get_distinct_serials_and_one_chain() {
    let house = House::new();
    let subject_key = key(KeySpec::P256).public_key().clone();
    let (threads, each) = (8, 100);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let order = ca_core::IssueRequest {
                    key: ca_core::SubjectKey::Held(subject_key.clone()),
                    ..request("company-seal", SEAL_SUBJECT, QscdEvidence::None)
                };
                for _ in 0..each {
                    house.engine.issue(&house.issuing, &order).unwrap();
                }
            });
        }
    });
    let rate = f64::from(threads * each) / started.elapsed().as_secs_f64();
    let mut serials: Vec<_> = house
        .engine
        .list(&ListFilter::default())
        .unwrap()
        .into_iter()
        .map(|entry| entry.serial)
        .collect();
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 802);
    assert_eq!(house.engine.verify_journal().unwrap().records, 5 + 1_600);
    // Seen with --nocapture; a measurement, not a test.
    #[allow(clippy::print_stdout)]
    {
        println!("{rate:.0} durable issuances/s");
    }
}

#[test]
fn tables_that_contradict_the_journal_are_found() {
    let tampered = |sql: &str| {
        let house = House::new();
        let issued = house.issue("company-seal", SEAL_SUBJECT).unwrap();
        let revoked = house.issue("company-seal", SEAL_SUBJECT).unwrap();
        let order = revocation(revoked.certificate.serial());
        house.engine.revoke(&order).unwrap();
        let minute = Duration::from_secs(60);
        house
            .engine
            .issue_crl(&house.issuing, minute, &actors())
            .unwrap();
        house.engine.verify_journal().unwrap();
        let db = rusqlite::Connection::open(house.record()).unwrap();
        let triggers: Vec<String> = db
            .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for trigger in triggers {
            db.execute_batch(&format!("DROP TRIGGER {trigger}"))
                .unwrap();
        }
        let serial = hex::encode(issued.certificate.serial());
        db.execute_batch(&sql.replace("SERIAL", &format!("X'{serial}'")))
            .unwrap();
        match house.engine.verify_journal() {
            Err(error @ CaError::RecordDiffers(_)) => assert!(error.hint().is_some()),
            other => panic!("{sql}: {other:?}"),
        }
    };
    for sql in [
        "DELETE FROM revocation",
        "UPDATE revocation SET reason = 1",
        "UPDATE revocation SET revoked_at = revoked_at + 86400",
        "INSERT INTO revocation VALUES (2, SERIAL, 0, 0, NULL, 0, 0, 0, 0, 0)",
        "UPDATE revocation SET not_after = 0",
        "UPDATE revocation SET position = 2",
        "UPDATE revocation SET shard = 3",
        "DELETE FROM status_change",
        "UPDATE status_change SET reason = 1",
        "UPDATE status_change SET change = 2",
        "INSERT INTO status_change VALUES (2, 2, SERIAL, 0, 1, 0, 6, NULL, 0, 0)",
        "UPDATE authority SET status_changes = 0",
        "UPDATE certificate SET subject = 'CN=Mallory' WHERE serial = SERIAL",
        "UPDATE certificate SET der = NULL WHERE serial = SERIAL",
        "UPDATE certificate SET state = 2 WHERE serial = SERIAL",
        "UPDATE certificate SET authority = 1 WHERE serial = SERIAL",
        "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, not_after, \
         tbs_sha256) VALUES (2, X'01', 1, 'company-seal', 'CN=Mallory', 0, 0, X'00')",
        "UPDATE authority SET key_location = '/tmp/mallory.pem' WHERE name = 'companies'",
        "UPDATE crl_chunk SET bytes = X'3000'",
        "INSERT INTO crl_chunk VALUES (1, 1, X'00')",
        "DELETE FROM crl_chunk",
        "DELETE FROM crl_chunk; DELETE FROM crl",
        "UPDATE crl SET position = 9",
        "UPDATE crl SET base = 9",
        "UPDATE crl SET number = 9",
        "INSERT INTO crl_number VALUES (2, 0, 7, 0, 0)",
        "DELETE FROM crl_number",
        "UPDATE crl_number SET number = 7",
        "UPDATE authority SET crl_partitions = 7 WHERE name = 'companies'",
    ] {
        tampered(sql);
    }
}

#[test]
fn the_key_of_an_authority_is_certified_for_nothing_else() {
    let house = House::new();
    let order = ca_core::IssueRequest {
        key: ca_core::SubjectKey::Held(house.issuing_signer.public_key().clone()),
        ..request(
            "ocsp-signer",
            "C=MC,O=Sceau,CN=Responder",
            QscdEvidence::None,
        )
    };
    let error = house.engine.issue(&house.issuing, &order).unwrap_err();
    assert!(matches!(error, CaError::KeyInUse(name) if name == "companies"));
}

#[test]
fn a_certificate_under_the_name_of_its_ca_is_refused() {
    let house = House::new();
    let root = order("root", "root-ca");
    let order = ca_core::NewAuthority {
        name: "other".into(),
        profile: "issuing-ca".into(),
        ..root
    };
    let error = house
        .engine
        .create_authority(&order, key(KeySpec::P256), Some(&house.root))
        .unwrap_err();
    assert!(
        error.to_string().contains("the same distinguished name"),
        "{error}"
    );
}

#[test]
fn a_certificate_qualified_by_request_needs_its_disclosure_statement() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(pki_asn1::SystemClock);
    let mut config = settings("MC").config().clone();
    config.pds.clear();
    config.legislation = ca_core::settings::LegislationConfig::default();
    let settings = ca_core::Settings::new(config).unwrap();
    let record = folder.path().join("record.sqlite");
    let engine = CaEngine::create(&record, settings, clock).unwrap();
    let (root, issuing) = (key(KeySpec::P256), key(KeySpec::P256));
    let root_order = order("root", "root-ca");
    engine
        .create_authority(&root_order, root.clone(), None)
        .unwrap();
    let root = engine.unlock("root", root).unwrap();
    let issuing_order = order("companies", "issuing-ca");
    engine
        .create_authority(&issuing_order, issuing.clone(), Some(&root))
        .unwrap();
    let companies = engine.unlock("companies", issuing).unwrap();
    let order = ca_core::IssueRequest {
        legislation: Some("EU".parse().unwrap()),
        ..request("company-seal", SEAL_SUBJECT, QscdEvidence::None)
    };
    let error = engine.issue(&companies, &order).unwrap_err();
    assert!(error.to_string().contains("disclosure"), "{error}");
}

#[test]
fn a_record_behind_two_names_is_not_issued_from_twice() {
    let house = House::new();
    let link = house.folder.path().join("other-name.sqlite");
    std::os::unix::fs::symlink(house.record(), &link).unwrap();
    let second = CaEngine::open(&link, settings("MC"), house.clock.clone());
    let error = second.unwrap_err();
    assert!(
        matches!(error, CaError::Store(StoreError::InUse(_))),
        "{error}"
    );
}
