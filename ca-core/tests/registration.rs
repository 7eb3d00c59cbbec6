//! Registration with a real record: who may do what, what the journal says of it, and openssl on the
//! signatures of decisions.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use ca_core::profile::Profile;
use ca_core::registration::{
    Certificate, Enrolment, EventAct, Evidence, EvidenceKind, Person, PersonRole,
    RegistrationError, RevocationCode, Role, Roles, SignedDecision, Striking,
};
use ca_core::store::{Conflict, StoreError};
use ca_core::{
    Actors, CaError, ExpiryFilter, Fulfilment, Issued, Proposal, QscdEvidence, RenewalOrder,
    RequestOrder, RevocationReason, RevocationRequest, SubjectKey, SuspensionRequest, Validity,
};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::{Clock as _, UnixTime, pem};
use pki_crypto::Message;

use crate::support::{House, SEAL_SUBJECT, key};

/// A house with operators, and a seal that two must approve.
struct Office {
    house: House,
    keys: BTreeMap<&'static str, Arc<dyn Signer>>,
}

const OFFICE: [(&str, Role); 6] = [
    ("anna", Role::SecurityOfficer),
    ("bert", Role::Registrar),
    ("cleo", Role::Approver),
    ("dora", Role::Approver),
    ("rita", Role::RevocationOfficer),
    ("paul", Role::ProfileAdministrator),
];

const POLICY: &str = "\n[registration]\napprovals = 2\nduplicate-key = \"same-subject\"\n\
                      duplicate-subject = \"refuse\"\n";

impl Office {
    fn new() -> Self {
        let mut house = House::new();
        let seal = house.engine.profile("company-seal").unwrap().source();
        let (seal, _) = seal.split_once("\n[registration]").unwrap();
        let strict = seal.replace("name = \"company-seal\"", "name = \"strict-seal\"") + POLICY;
        let strict = Profile::parse(&strict).unwrap();
        house
            .engine
            .add_profile(&strict, &support::actors())
            .unwrap();
        let keys = OFFICE.map(|(name, _)| (name, key(KeySpec::P256))).into();
        let office = Self { house, keys };
        for (name, role) in OFFICE {
            let by = (name != "anna").then_some("anna");
            office.enrol(name, role, by).unwrap();
        }
        let people = vec![person(PersonRole::LegalRepresentative, "Max Muster")];
        let acme = office
            .house
            .engine
            .register_organisation("NTRMC-00S03813", "Acme SAM", people, &[])
            .unwrap();
        office.take(&acme, "bert").unwrap();
        office
    }

    fn enrol(&self, name: &'static str, role: Role, by: Option<&str>) -> Result<(), CaError> {
        let roles = Roles::new([role]).unwrap();
        let enrolment = Enrolment::with_key(name, roles, self.keys[name].public_key()).unwrap();
        let proposal = self.house.engine.enrol(&enrolment)?;
        let actors = match by {
            Some(by) => self.decide(&proposal, by),
            None => support::actors(),
        };
        self.house.engine.take(&proposal, &actors).map(drop)
    }

    fn sign(&self, proposal: &Proposal, by: &str) -> SignedDecision {
        // Nobody decides the same twice in one second.
        self.house.clock.advance(std::time::Duration::from_secs(1));
        let matter = proposal.matter().unwrap();
        let statement = self.house.engine.statement(&matter, by).unwrap();
        let signature = self.keys[by]
            .sign(Message::Bytes(statement.as_bytes()))
            .unwrap();
        SignedDecision::new(statement, signature).unwrap()
    }

    fn decide(&self, proposal: &Proposal, by: &str) -> Actors {
        support::actors().decided(self.sign(proposal, by))
    }

    fn take(&self, proposal: &Proposal, by: &str) -> Result<u64, CaError> {
        let entity = self
            .house
            .engine
            .take(proposal, &self.decide(proposal, by))?;
        Ok(entity.name.parse().unwrap_or_default())
    }

    fn order(&self, key: &Arc<dyn Signer>) -> RequestOrder {
        let now = self.house.clock.now();
        RequestOrder {
            authority: "companies".into(),
            profile: "strict-seal".into(),
            subject: SEAL_SUBJECT.parse().unwrap(),
            key: SubjectKey::Held(key.public_key().clone()),
            qscd: QscdEvidence::None,
            legislation: None,
            validity: Validity::ProfileDefault,
            people: vec![
                person(PersonRole::Applicant, "Zoé Exemple"),
                person(PersonRole::SealResponsible, "Zoé Exemple"),
                person(PersonRole::LegalRepresentative, "Max Muster"),
            ],
            evidence: vec![seen(now)],
            renews: None,
            at: now,
        }
    }

    fn register(&self, order: &RequestOrder) -> u64 {
        let prepared = self.house.engine.prepare_request(order).unwrap();
        self.take(&prepared.proposal, "bert").unwrap()
    }

    fn approve(&self, number: u64, by: &str) -> Result<u64, CaError> {
        let proposal = self
            .house
            .engine
            .decide_request(number, EventAct::Approve, None)?;
        self.take(&proposal, by)
    }

    fn issue(&self, number: u64, code: Option<RevocationCode>) -> Result<Issued, CaError> {
        let proposal = self.house.engine.issue_proposal(number)?;
        let actors = self.decide(&proposal, "bert");
        self.house
            .engine
            .issue_request(&self.house.issuing, number, code, &actors)
    }

    fn issued(&self, key: &Arc<dyn Signer>) -> Issued {
        let number = self.register(&self.order(key));
        self.approve(number, "cleo").unwrap();
        self.approve(number, "dora").unwrap();
        self.issue(number, None).unwrap()
    }

    fn journal(&self) -> String {
        let mut lines = Vec::new();
        let mut after = Vec::new();
        self.house.engine.export_journal(&mut after).unwrap();
        lines.append(&mut after);
        String::from_utf8(lines).unwrap()
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

fn seen(at: UnixTime) -> Evidence {
    Evidence {
        kind: EvidenceKind::RegisterExtract,
        reference: "RCI 2026/11".into(),
        sha256: None,
        seen_by: "bert".into(),
        seen_at: at,
    }
}

fn refusal<T: core::fmt::Debug>(result: Result<T, CaError>) -> RegistrationError {
    match result.unwrap_err() {
        CaError::Registration(e) => e,
        CaError::Store(StoreError::Conflict(Conflict::Registration(e))) => *e,
        other => panic!("{other}"),
    }
}

fn revoke(office: &Office, issued: &Issued, reason: RevocationReason) {
    let order = RevocationRequest {
        authority: "companies".into(),
        serial: issued.certificate.serial().to_vec(),
        reason,
        invalidity_date: None,
        requested_at: None,
        actors: support::actors(),
    };
    office.house.engine.revoke(&order).unwrap();
}

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
    let by_root = refusal(engine.issue(&office.house.root, &signer));
    assert!(
        matches!(by_root, RegistrationError::CompromisedKey { .. }),
        "{by_root}"
    );
    again(&office.order(&key(KeySpec::P256))).unwrap();
    engine.verify_journal().unwrap();
}

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
    let (authority, revocation) = attempt(serial, &code).unwrap();
    assert_eq!(
        (authority.as_str(), revocation.reason),
        ("companies", reason)
    );
    let journal = office.journal();
    assert!(!journal.contains(&*code.reveal()));
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
fn two_installations_of_the_same_second_are_two() {
    let (one, other) = (House::new(), House::new());
    assert_eq!(one.clock.now(), other.clock.now());
    assert_ne!(
        one.engine.record_identity().unwrap(),
        other.engine.record_identity().unwrap()
    );
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

#[test]
fn a_certificate_that_went_round_registration_is_found() {
    use ca_core::store::{Act, AuthorityRef, Change, Intent, IntentRegistration, RecordLocation};
    let office = Office::new();
    office.issued(&key(KeySpec::P256));
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
    };
    store.commit(change).unwrap();
    drop(store);
    let engine = ca_core::CaEngine::open(&record, support::settings("MC"), office.house.clock);
    let found = engine.unwrap().verify_journal().unwrap_err().to_string();
    assert!(found.contains("without a request"), "{found}");
    drop(folder);
}
