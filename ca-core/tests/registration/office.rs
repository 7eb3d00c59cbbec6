//! A house with operators, and a seal that two must approve.

use std::collections::BTreeMap;
use std::sync::Arc;

use ca_core::profile::Profile;
use ca_core::registration::{
    Enrolment, EventAct, Evidence, EvidenceKind, Matter, Order, Person, PersonRole,
    RegistrationError, RevocationCode, Role, Roles, SignedDecision,
};
use ca_core::store::{Conflict, StoreError};
use ca_core::{
    Actors, CaError, Issued, Proposal, QscdEvidence, RequestOrder, RevocationReason,
    RevocationRequest, SubjectKey, SuspensionRequest, Validity,
};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::{Clock as _, UnixTime};
use pki_crypto::Message;

use crate::support::{self, House, SEAL_SUBJECT, key};

/// A house with operators, and a seal that two must approve.
pub(crate) struct Office {
    pub(crate) house: House,
    pub(crate) keys: BTreeMap<&'static str, Arc<dyn Signer>>,
}

pub(crate) const OFFICE: [(&str, Role); 6] = [
    ("anna", Role::SecurityOfficer),
    ("bert", Role::Registrar),
    ("cleo", Role::Approver),
    ("dora", Role::Approver),
    ("rita", Role::RevocationOfficer),
    ("paul", Role::ProfileAdministrator),
];

pub(crate) const POLICY: &str = "\n[registration]\napprovals = 2\nduplicate-key = \"same-subject\"\n\
                      duplicate-subject = \"refuse\"\n";

impl Office {
    pub(crate) fn new() -> Self {
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

    pub(crate) fn enrol(
        &self,
        name: &'static str,
        role: Role,
        by: Option<&str>,
    ) -> Result<(), CaError> {
        let roles = Roles::new([role]).unwrap();
        let enrolment = Enrolment::with_key(name, roles, self.keys[name].public_key()).unwrap();
        let proposal = self.house.engine.enrol(&enrolment)?;
        let actors = match by {
            Some(by) => self.decide(&proposal, by),
            None => support::actors(),
        };
        self.house.engine.take(&proposal, &actors).map(drop)
    }

    pub(crate) fn sign(&self, proposal: &Proposal, by: &str) -> SignedDecision {
        self.decide_on(&proposal.matter().unwrap(), by)
    }

    pub(crate) fn decide(&self, proposal: &Proposal, by: &str) -> Actors {
        support::actors().decided(self.sign(proposal, by))
    }

    /// The decisions of these operators on an order.
    pub(crate) fn order_by(&self, order: Order, by: &[&str]) -> Actors {
        let engine = &self.house.engine;
        let matter = engine.order(order).matter();
        by.iter().fold(support::actors(), |actors, by| {
            actors.decided(self.decide_on(&matter, by))
        })
    }

    pub(crate) fn decide_on(&self, matter: &Matter, by: &str) -> SignedDecision {
        // Nobody decides the same twice in one second.
        self.house.clock.advance(std::time::Duration::from_secs(1));
        let statement = self.house.engine.statement(matter, by).unwrap();
        let signature = self.keys[by]
            .sign(Message::Bytes(statement.as_bytes()))
            .unwrap();
        SignedDecision::new(statement, signature).unwrap()
    }

    pub(crate) fn suspend(&self, issued: &Issued, by: &[&str]) -> Result<(), CaError> {
        let mut order = hold(issued);
        order.actors = self.order_by(order.order_to_suspend(), by);
        self.house.engine.suspend(&order)
    }

    pub(crate) fn resume(&self, issued: &Issued, by: &[&str]) -> Result<(), CaError> {
        let mut order = hold(issued);
        order.actors = self.order_by(order.order_to_resume(), by);
        self.house.engine.resume(&order)
    }

    pub(crate) fn take(&self, proposal: &Proposal, by: &str) -> Result<u64, CaError> {
        let entity = self
            .house
            .engine
            .take(proposal, &self.decide(proposal, by))?;
        Ok(entity.name.parse().unwrap_or_default())
    }

    pub(crate) fn order(&self, key: &Arc<dyn Signer>) -> RequestOrder {
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

    pub(crate) fn register(&self, order: &RequestOrder) -> u64 {
        let prepared = self.house.engine.prepare_request(order).unwrap();
        self.take(&prepared.proposal, "bert").unwrap()
    }

    pub(crate) fn approve(&self, number: u64, by: &str) -> Result<u64, CaError> {
        let proposal = self
            .house
            .engine
            .decide_request(number, EventAct::Approve, None)?;
        self.take(&proposal, by)
    }

    pub(crate) fn issue(
        &self,
        number: u64,
        code: Option<RevocationCode>,
    ) -> Result<Issued, CaError> {
        let proposal = self.house.engine.issue_proposal(number)?;
        let actors = self.decide(&proposal, "bert");
        self.house
            .engine
            .issue_request(&self.house.issuing, number, code, &actors)
    }

    pub(crate) fn issued(&self, key: &Arc<dyn Signer>) -> Issued {
        let number = self.register(&self.order(key));
        self.approve(number, "cleo").unwrap();
        self.approve(number, "dora").unwrap();
        self.issue(number, None).unwrap()
    }

    pub(crate) fn journal(&self) -> String {
        let mut lines = Vec::new();
        let mut after = Vec::new();
        self.house.engine.export_journal(&mut after).unwrap();
        lines.append(&mut after);
        String::from_utf8(lines).unwrap()
    }
}

pub(crate) fn person(role: PersonRole, name: &str) -> Person {
    Person {
        role,
        name: name.into(),
        identifier: None,
        contact: None,
    }
}

pub(crate) fn seen(at: UnixTime) -> Evidence {
    Evidence {
        kind: EvidenceKind::RegisterExtract,
        reference: "RCI 2026/11".into(),
        sha256: None,
        seen_by: "bert".into(),
        seen_at: at,
    }
}

pub(crate) fn refusal<T: core::fmt::Debug>(result: Result<T, CaError>) -> RegistrationError {
    match result.unwrap_err() {
        CaError::Registration(e) => e,
        CaError::Store(StoreError::Conflict(Conflict::Registration(e))) => *e,
        other => panic!("{other}"),
    }
}

pub(crate) fn revoke(office: &Office, issued: &Issued, reason: RevocationReason) {
    let mut order = RevocationRequest {
        authority: "companies".into(),
        serial: issued.certificate.serial().to_vec(),
        reason,
        invalidity_date: None,
        requested_at: None,
        actors: support::actors(),
    };
    order.actors = office.order_by(order.order(), &["rita"]);
    office.house.engine.revoke(&order).unwrap();
}

fn hold(issued: &Issued) -> SuspensionRequest {
    SuspensionRequest {
        authority: "companies".into(),
        serial: issued.certificate.serial().to_vec(),
        requested_at: None,
        actors: support::actors(),
    }
}
