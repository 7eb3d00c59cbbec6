//! The comparison of registration with the journal, and the check of every decision in it: who signed
//! was enrolled, active and trusted with the act at that time, signed exactly this, and every request
//! took the steps its rules allow.

mod fulfilment;

use std::collections::{BTreeMap, BTreeSet};

use pki_asn1::UnixTime;

use self::fulfilment::needs_request;
use super::super::audit::{AreaAudit, Outcome, octets, unless};
use super::certificates::organisation_taken_over;
use super::fate::held_with;
use super::mandate::{self, Scripted, Until};
use super::{Database, SqlError, identity, key};
use crate::issuance::sha256;
use crate::journal::{
    DECISIONS, DecisionEntry, Entry, EntryBody, HierarchyEntry, ImportEntry,
    IntentRegistrationEntry, MandateEntry, ProfileEntry, RegistrationEntry, StepEntry,
};
use crate::registration::{
    Entity, Event, EventAct, Fate, Kind, Matter, Operator, OrderDocument, RegistrationError,
    Request, SignedDecision, Task, quorum,
};
use crate::store::CertificatesAtEnd;

/// After how many registrations requests that lapsed are let go of.
const TIDY: u64 = 1_000;

#[derive(Debug, Default)]
pub(in super::super) struct RegistrationAudit {
    events: u64,
    decisions: u64,
    certificates: u64,
    refusals: u64,
    registered: u64,
    record: Option<String>,
    operators: BTreeMap<String, Operator>,
    /// Those that may still be followed.
    requests: BTreeMap<String, Request>,
    /// What each organisation that is struck off took along, by authority and serial number.
    suspended: BTreeMap<String, BTreeSet<(String, String)>>,
    demands: Demands,
    /// Authorities that ended with their certificates.
    ended: BTreeSet<String>,
    /// By script.
    ceremonies: BTreeMap<String, Scripted>,
}

/// Which decisions a record has asked for since it was begun.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Demands {
    /// Those on registration and profiles, each by one operator: older programs asked for no more.
    #[default]
    Registration,
    /// Those on orders too, and two on whom to trust.
    Orders,
}

impl AreaAudit for RegistrationAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        let problem = self.mandated(db, entry)?;
        if problem.is_some() {
            return Ok(problem);
        }
        let at = &entry.at;
        match &entry.body {
            EntryBody::Created { decisions, .. } => {
                self.demands = match decisions.as_deref() {
                    Some(DECISIONS) => Demands::Orders,
                    _ => Demands::Registration,
                };
                Ok(None)
            }
            EntryBody::Intent {
                authority,
                serial,
                subject,
                profile,
                profile_sha256,
                registration: Some(registration),
                ..
            } => {
                let names = (authority.as_str(), serial.as_str(), subject.as_str());
                let issuing = (profile.as_str(), profile_sha256.as_str());
                let problem = self.intent(db, &entry.at, names, registration)?;
                if problem.is_some() {
                    return Ok(problem);
                }
                self.fulfils(db, names, issuing, registration)
            }
            EntryBody::Registration(RegistrationEntry::Registration(step)) => {
                self.step(db, &entry.at, step)
            }
            EntryBody::Registration(RegistrationEntry::CertificatesIndexed { certificates }) => {
                for row in certificates {
                    self.certificates += 1;
                    let found = Row::find(db, &row.authority, &row.serial)?;
                    let same = found.is_some_and(|found| {
                        hex::encode(&found.key_sha256) == row.key_sha256
                            && found.organisation == row.organisation
                    });
                    if !same {
                        return Ok(Some(changed(&row.authority, &row.serial)));
                    }
                }
                Ok(None)
            }
            EntryBody::Import(ImportEntry::Import {
                authority,
                entries,
                indexed: true,
            }) => {
                for row in entries {
                    let problem = match &row.certificate {
                        Some(c) if c.sha256.is_some() => {
                            self.taken_over(db, (authority, &row.serial, &c.subject))?
                        }
                        _ => None,
                    };
                    if problem.is_some() {
                        return Ok(problem);
                    }
                }
                Ok(None)
            }
            EntryBody::Hierarchy(HierarchyEntry::Adopted {
                issuer,
                serial,
                subject,
                indexed: true,
                ..
            }) => self.taken_over(db, (issuer, serial, subject)),
            EntryBody::Registration(RegistrationEntry::RevocationCodeRefused { serial }) => {
                self.refusals += 1;
                let at: UnixTime = entry.at.parse().unwrap_or_default();
                let found = db.one(
                    "SELECT 1 FROM revocation_code_refusal WHERE at = ?1 AND serial = ?2",
                    &[at.into(), (&octets(serial)).into()],
                    |_| Ok(()),
                )?;
                Ok(unless(found.is_some(), || {
                    format!("the refusal of a revocation code for certificate {serial} is missing")
                }))
            }
            EntryBody::Profile(profile) => self.profile(db, at, profile),
            _ => Ok(None),
        }
    }

    fn last(&mut self, db: &mut dyn Database) -> Outcome {
        for (name, certificates) in &self.suspended {
            let held: BTreeSet<_> = held_with(db, name)?
                .into_iter()
                .map(|c| (c.authority, c.serial))
                .collect();
            if held != *certificates {
                return Ok(Some(format!(
                    "the certificates that are suspended with organisation {name:?} are not those that were recorded"
                )));
            }
        }
        Ok(None)
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            (
                "certificates suspended with their organisation",
                "SELECT count(*) FROM organisation_hold",
                self.suspended.values().map(|held| held.len() as u64).sum(),
            ),
            (
                "steps of registration",
                "SELECT count(*) FROM registration_event",
                self.events,
            ),
            (
                "operators' decisions",
                "SELECT count(*) FROM operator_decision",
                self.decisions,
            ),
            (
                "certificates with their keys",
                "SELECT count(*) FROM certificate_registration",
                self.certificates,
            ),
            // A record of a format before registration learns of its certificates, the oldest last, when
            // it is first opened for issuing; until then nothing is missing.
            (
                "issued certificates whose key and organisation registration does not know",
                "SELECT count(*) FROM certificate c WHERE c.state = 1 AND c.der IS NOT NULL \
                 AND EXISTS (SELECT 1 FROM certificate_registration k JOIN certificate o \
                 ON o.authority = k.authority AND o.serial = k.serial WHERE o.id = \
                 (SELECT min(id) FROM certificate WHERE state = 1 AND der IS NOT NULL)) \
                 AND NOT EXISTS (SELECT 1 FROM certificate_registration g \
                 WHERE g.authority = c.authority AND g.serial = c.serial)",
                0,
            ),
            (
                "refusals of revocation codes",
                "SELECT count(*) FROM revocation_code_refusal",
                self.refusals,
            ),
            (
                "compromised keys that no revocation put there",
                "SELECT count(*) FROM compromised_key k WHERE NOT EXISTS (SELECT 1 \
                 FROM certificate_registration g JOIN authority a ON a.id = g.authority \
                 JOIN revocation r ON r.authority = g.authority AND r.serial = g.serial \
                 WHERE g.key_sha256 = k.key_sha256 AND a.name = k.authority \
                 AND g.serial = k.serial AND r.reason IN (1, 2, 10))",
                0,
            ),
            (
                "revocations for compromise whose key is not remembered",
                "SELECT count(*) FROM revocation r JOIN certificate_registration g \
                 ON g.authority = r.authority AND g.serial = r.serial \
                 WHERE r.reason IN (1, 2, 10) AND NOT EXISTS (SELECT 1 FROM compromised_key k \
                 WHERE k.key_sha256 = g.key_sha256)",
                0,
            ),
        ]
    }
}

impl RegistrationAudit {
    /// What registration says about a certificate of another product is what the certificate says.
    fn taken_over(
        &mut self,
        db: &mut dyn Database,
        (authority, serial, subject): (&str, &str, &str),
    ) -> Outcome {
        self.certificates += 1;
        let certificate = db.one(
            "SELECT c.der FROM certificate c JOIN authority a ON a.id = c.authority \
             WHERE a.name = ?1 AND c.serial = ?2",
            &[authority.into(), (&octets(serial)).into()],
            |row| row.get::<Option<Vec<u8>>>(0),
        )?;
        let row = Row::find(db, authority, serial)?;
        let same = certificate.zip(row).is_some_and(|(der, row)| {
            der.and_then(|der| pki_asn1::Certificate::from_der(der).ok())
                .is_some_and(|certificate| {
                    row.key_sha256 == sha256(certificate.public_key_bits())
                        && row.subject_sha256 == sha256(subject.as_bytes())
                        && row.organisation == organisation_taken_over(&certificate)
                })
        });
        Ok(unless(same, || changed(authority, serial)))
    }

    fn step(&mut self, db: &mut dyn Database, at: &str, step: &StepEntry) -> Outcome {
        let Some(event) = event(at, step) else {
            return Ok(Some("it is not a step of registration".to_owned()));
        };
        self.events += 1;
        let same = db.one(
            "SELECT act, operator, at, document FROM registration_event \
             WHERE kind = ?1 AND name = ?2 AND ordinal = ?3",
            &[
                event.entity.kind.name().into(),
                (&key(&event.entity)).into(),
                i64::from(event.ordinal).into(),
            ],
            |row| {
                Ok(row.get::<String>(0)? == event.act.name()
                    && row.get::<Option<String>>(1)? == event.operator
                    && row.get::<UnixTime>(2)? == event.at
                    && row.get::<String>(3)? == event.document)
            },
        )?;
        if same != Some(true) {
            return Ok(Some(format!(
                "step {} of {} is missing or was changed",
                event.ordinal, event.entity
            )));
        }
        let decisions: Vec<_> = step.decision.iter().chain(&step.further).collect();
        let decided = self.decided(db, &event, &decisions)?;
        if decided.is_some() {
            return Ok(decided);
        }
        if let Some(problem) = self.taken_along(&event, step) {
            return Ok(Some(problem));
        }
        Ok(self.follow(&event).err().map(|e| {
            format!(
                "step {} of {} cannot follow: {e}",
                event.ordinal, event.entity
            )
        }))
    }

    /// A reinstated organisation's certificates are those that were suspended with it.
    fn taken_along(&mut self, event: &Event, step: &StepEntry) -> Option<String> {
        let name = &event.entity.name;
        let listed = || {
            let each = step.certificates.iter();
            each.map(|c| (c.authority.clone(), c.serial.clone()))
        };
        match Fate::of(event.act, &event.document).ok().flatten()? {
            Fate::Suspended => drop(self.suspended.insert(name.clone(), listed().collect())),
            Fate::Revoked => drop(self.suspended.remove(name)),
            Fate::Resumed => {
                let before = self.suspended.remove(name).unwrap_or_default();
                let (authority, serial) = listed().find(|c| !before.contains(c))?;
                return Some(format!(
                    "certificate {serial} of {authority:?} was resumed with {}, and was not suspended with it",
                    event.entity
                ));
            }
        }
        None
    }

    /// An act that operators had to decide was decided, or follows from one that was.
    fn mandated(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        let body = &entry.body;
        match body {
            EntryBody::Hierarchy(HierarchyEntry::Termination {
                authority,
                certificates,
                ..
            }) if certificates == CertificatesAtEnd::Revoked.name() => {
                self.ended.insert(authority.clone());
            }
            EntryBody::Hierarchy(HierarchyEntry::Ceremony {
                script_sha256,
                event,
            }) => self
                .ceremonies
                .entry(script_sha256.clone())
                .or_default()
                .follow(event),
            _ => {}
        }
        let Some(task) = mandate::task(body) else {
            return Ok(unless(entry.mandate.is_none(), || {
                "it has a mandate, and is no act that needs one".to_owned()
            }));
        };
        let problem = match &entry.mandate {
            Some(MandateEntry {
                document: Some(document),
                decisions,
                ..
            }) => self.ordered(db, entry, (task, document), decisions)?,
            Some(MandateEntry {
                code: Some(code), ..
            }) => {
                let opened = match code.parse() {
                    Ok(code) => mandate::opens(db, &code, body)?,
                    Err(_) => false,
                };
                unless(opened, || {
                    "the revocation code is not that of the certificate".to_owned()
                })
            }
            Some(MandateEntry {
                ceremony: Some(script),
                ..
            }) => {
                let scripted = self.ceremonies.get(script);
                unless(scripted.is_some_and(|s| s.makes(body)), || {
                    "it was not done in the ceremony that it names".to_owned()
                })
            }
            Some(_) => Some("its mandate is none".to_owned()),
            None => self.undecided(db, body, task)?,
        };
        Ok(problem.map(|why| format!("{} was not decided as recorded: {why}", task.name())))
    }

    /// The order covers the act, and enough operators signed it.
    fn ordered(
        &mut self,
        db: &mut dyn Database,
        entry: &Entry,
        (task, document): (Task, &str),
        decisions: &[DecisionEntry],
    ) -> Outcome {
        let at = entry.at.parse().unwrap_or_default();
        let Ok(document) = OrderDocument::parse(document) else {
            return Ok(Some("its order cannot be read".to_owned()));
        };
        if !mandate::is_covered(&document, &entry.body, at) {
            return Ok(Some("the order is for something else".to_owned()));
        }
        let officers = self.operators.values();
        let needed = quorum::for_order(document.decisions(), task.role(), at, officers);
        let decisions: Vec<_> = decisions.iter().collect();
        self.signed(db, (at, needed), &document.matter(), &decisions, None)
    }

    /// Nobody decided: before anybody was enrolled, or because it follows by itself.
    fn undecided(&mut self, db: &mut dyn Database, body: &EntryBody, task: Task) -> Outcome {
        if self.operators.is_empty() || self.demands == Demands::Registration {
            return Ok(None);
        }
        let free = match body {
            EntryBody::Revocation { authority, .. } => {
                self.ended.contains(authority) && mandate::is_at_end(body)
            }
            EntryBody::Intent {
                registration: Some(registration),
                ..
            } if registration.request.is_some() => true,
            EntryBody::Intent {
                profile,
                profile_sha256,
                ..
            } if task == Task::ServiceCertify => {
                // People's and organisations' have requests, which are looked at by themselves.
                needs_request(db, profile, profile_sha256)?
                    || mandate::is_renewal(db, body, Until::Itself)?
            }
            _ => false,
        };
        Ok(unless(free, || {
            "operators are enrolled, and nobody signed".to_owned()
        }))
    }

    /// Checks the signatures, as they were checked before they counted, and returns the problem with
    /// them.
    fn signed(
        &mut self,
        db: &mut dyn Database,
        (at, needed): (UnixTime, usize),
        matter: &Matter,
        decisions: &[&DecisionEntry],
        operator: Option<&String>,
    ) -> Outcome {
        if self.operators.is_empty() && decisions.is_empty() && operator.is_none() {
            return Ok(None);
        }
        if decisions.is_empty() {
            return Ok(Some("operators are enrolled, and nobody signed".to_owned()));
        }
        self.decisions += decisions.len() as u64;
        let read = |d: &&DecisionEntry| {
            SignedDecision::new(d.statement.clone(), octets(&d.signature)).ok()
        };
        let Some(signed) = decisions.iter().map(read).collect::<Option<Vec<_>>>() else {
            return Ok(Some("the statement is none".to_owned()));
        };
        if self.record.is_none() {
            self.record = Some(identity(db)?);
        }
        let record = self.record.as_deref().unwrap_or_default();
        let find = |name: &str| self.operators.get(name);
        let each: Vec<_> = signed.iter().collect();
        let deciders = match quorum::check(matter, &each, (needed, record, at), find) {
            Ok(deciders) => deciders,
            Err(RegistrationError::UnknownOperator(name)) => {
                return Ok(Some(format!("{name:?} was no operator then")));
            }
            Err(RegistrationError::Decision(e)) => return Ok(Some(e.to_string())),
            Err(e) => return Ok(Some(e.to_string())),
        };
        let first = deciders.first().map(|o| o.name());
        if operator.is_some() && first != operator.map(String::as_str) {
            return Ok(Some("somebody else signed".to_owned()));
        }
        for (decision, operator) in each.iter().zip(&deciders) {
            let taken = db.one(
                "SELECT 1 FROM operator_decision WHERE statement_sha256 = ?1",
                &[(&decision.statement_sha256()).into()],
                |_| Ok(()),
            )?;
            if taken.is_none() {
                let name = operator.name();
                return Ok(Some(format!("the decision of {name:?} is missing")));
            }
        }
        Ok(None)
    }

    fn decided(
        &mut self,
        db: &mut dyn Database,
        event: &Event,
        decisions: &[&DecisionEntry],
    ) -> Outcome {
        let problem = match event.act.task(event.entity.kind) {
            None => Some("there is no such step".to_owned()),
            Some(task) => {
                let matter = Matter::of_event(task, event);
                let needed = match self.demands {
                    Demands::Registration => 1,
                    Demands::Orders => {
                        let operators = self.operators.values();
                        let name = &event.entity.name;
                        quorum::for_step((event.entity.kind, event.act, name), event.at, operators)
                    }
                };
                let operator = event.operator.as_ref();
                self.signed(db, (event.at, needed), &matter, decisions, operator)?
            }
        };
        Ok(problem.map(|why| {
            format!(
                "step {} of {} was not decided as recorded: {why}",
                event.ordinal, event.entity
            )
        }))
    }

    fn profile(&mut self, db: &mut dyn Database, at: &str, entry: &ProfileEntry) -> Outcome {
        let (name, matter, decision) = match entry {
            ProfileEntry::ProfileAdded {
                name,
                sha256,
                decision,
                ..
            } => {
                let digest = octets(sha256).try_into().unwrap_or_default();
                (name, Matter::of_profile(name, &digest), decision)
            }
            ProfileEntry::ProfileRetired {
                name,
                version,
                decision,
            } => (name, Matter::of_retired_profile(name, *version), decision),
        };
        let at = at.parse().unwrap_or_default();
        let decisions: Vec<_> = decision.iter().collect();
        let problem = self.signed(db, (at, 1), &matter, &decisions, None)?;
        Ok(problem.map(|why| format!("profile {name:?} was not decided as recorded: {why}")))
    }

    /// Repeats the step.
    fn follow(&mut self, event: &Event) -> Result<(), RegistrationError> {
        let name = event.entity.name.clone();
        match event.entity.kind {
            Kind::Operator => match self.operators.get_mut(&name) {
                Some(operator) => operator.apply(event)?,
                None => drop(self.operators.insert(name, Operator::begin(event)?)),
            },
            Kind::Request => match self.requests.get_mut(&name) {
                Some(request) => {
                    request.apply(event)?;
                    if matches!(event.act, EventAct::Reject | EventAct::Withdraw) {
                        self.requests.remove(&name);
                    }
                }
                None => {
                    self.requests.insert(name, Request::begin(event)?);
                    self.registered += 1;
                    if self.registered.is_multiple_of(TIDY) {
                        self.requests
                            .retain(|_, r| r.document().expires >= event.at);
                    }
                }
            },
            Kind::Organisation => {}
        }
        Ok(())
    }

    fn intent(
        &mut self,
        db: &mut dyn Database,
        at: &str,
        (authority, serial, subject): (&str, &str, &str),
        entry: &IntentRegistrationEntry,
    ) -> Outcome {
        self.certificates += 1;
        let request = entry.request.as_ref();
        let number = request.and_then(|r| r.step.name.parse::<u64>().ok());
        let same = Row::find(db, authority, serial)?.is_some_and(|row| {
            hex::encode(&row.key_sha256) == entry.key_sha256
                && row.subject_sha256 == sha256(subject.as_bytes())
                && row.organisation == entry.organisation
                && row.request == number
                && row.renews_authority.as_ref() == entry.renews.as_ref().map(|c| &c.authority)
                && row.renews_serial.map(hex::encode)
                    == entry.renews.as_ref().map(|c| c.serial.clone())
                && row.revocation_code.map(hex::encode) == entry.revocation_code_sha256
        });
        if !same {
            return Ok(Some(changed(authority, serial)));
        }
        let Some(fulfilled) = request else {
            return Ok(None);
        };
        if let Some(known) = self.requests.get(&fulfilled.step.name) {
            let promised = known.sha256() == fulfilled.sha256
                && known.approvals() == fulfilled.approvals
                && known.document().authority == authority;
            if !promised {
                return Ok(Some(format!(
                    "certificate {serial} of {authority:?} does not name its request as it was approved"
                )));
            }
        }
        self.step(db, at, &fulfilled.step)
    }
}

/// A certificate's row.
struct Row {
    key_sha256: Vec<u8>,
    subject_sha256: [u8; 32],
    organisation: Option<String>,
    request: Option<u64>,
    renews_authority: Option<String>,
    renews_serial: Option<Vec<u8>>,
    revocation_code: Option<Vec<u8>>,
}

impl Row {
    fn find(
        db: &mut dyn Database,
        authority: &str,
        serial: &str,
    ) -> Result<Option<Self>, SqlError> {
        db.one(
            "SELECT g.key_sha256, g.subject_sha256, g.organisation, g.request, \
             g.renews_authority, g.renews_serial, g.revocation_code \
             FROM certificate_registration g JOIN authority a ON a.id = g.authority \
             WHERE a.name = ?1 AND g.serial = ?2",
            &[authority.into(), (&octets(serial)).into()],
            |row| {
                Ok(Self {
                    key_sha256: row.get(0)?,
                    subject_sha256: row.get(1)?,
                    organisation: row.get(2)?,
                    request: row.get(3)?,
                    renews_authority: row.get(4)?,
                    renews_serial: row.get(5)?,
                    revocation_code: row.get(6)?,
                })
            },
        )
    }
}

fn event(at: &str, step: &StepEntry) -> Option<Event> {
    Some(Event {
        entity: Entity {
            kind: step.kind.parse().ok()?,
            name: step.name.clone(),
        },
        ordinal: step.ordinal,
        act: step.act.parse().ok()?,
        operator: step.operator.clone(),
        at: at.parse().ok()?,
        document: step.document.clone(),
    })
}

fn changed(authority: &str, serial: &str) -> String {
    format!("the registration of certificate {serial} of {authority:?} is missing or was changed")
}
