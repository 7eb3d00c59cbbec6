//! Registration: operators, requests, organisations, revocation codes, renewal.
//!
//! What is to be decided is first a [`Proposal`]: it says what an operator must sign
//! ([`Proposal::matter`]). [`CaEngine::take`] commits it with the signature; the record itself refuses
//! what is not signed by whoever may decide it.

mod codes;
pub(super) mod fulfil;
mod orders;
mod organisation;
mod renew;
mod report;
mod request;

use pki_asn1::UnixTime;

pub use self::fulfil::Fulfilment;
pub use self::orders::Service;
pub use self::renew::RenewalOrder;
pub use self::report::ExpiryFilter;
pub use self::request::{PreparedRequest, RequestOrder};
use super::{Actors, CaEngine};
use crate::error::CaError;
use crate::profile::Profile;
use crate::registration::{
    Certificate, Enrolment, Entity, Event, EventAct, Follow, Kind, Matter, Operator,
    RegistrationError, Statement, Throttle,
};
use crate::store::{Act, Conflict, RegistrationAct, RequestNeed, Step, StoreError};

/// How registration is run here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RegistrationSettings {
    /// Whether people's certificates need an approved request before any operator is enrolled.
    pub requests: Requests,
    /// How many days a request may wait for approval and issuing.
    pub request_days: u32,
    /// How many days evidence counts after somebody saw it.
    pub evidence_days: u32,
    /// How often a wrong revocation code may be tried.
    pub throttle: Throttle,
    /// How many security-officers decide on what makes, renews or ends an authority, where there are so
    /// many.
    pub ca_decisions: u8,
    /// How many security-officers decide on the certificate of an OCSP signer or time-stamping unit.
    pub service_decisions: u8,
    /// How many revocation-officers decide on a certificate.
    pub revocation_decisions: u8,
}

/// When people's certificates need an approved request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Requests {
    /// Once an operator is enrolled.
    #[default]
    WithOperators,
    /// Always.
    Required,
}

impl Default for RegistrationSettings {
    /// A request waits a month. Evidence counts three years, as long as the longest certificates that
    /// it was seen for.
    fn default() -> Self {
        Self {
            requests: Requests::WithOperators,
            request_days: 30,
            evidence_days: 1_096,
            throttle: Throttle::default(),
            ca_decisions: 2,
            service_decisions: 1,
            revocation_decisions: 1,
        }
    }
}

/// A step that somebody may have to decide.
#[derive(Clone, Debug)]
pub struct Proposal {
    entity: Entity,
    ordinal: u32,
    act: EventAct,
    document: String,
}

impl Proposal {
    /// What an operator signs for it.
    ///
    /// # Errors
    /// Where there is no such step.
    pub fn matter(&self) -> Result<Matter, CaError> {
        let event = self.event(UnixTime::EPOCH, &Actors::default());
        let task = self
            .act
            .task(self.entity.kind)
            .ok_or(RegistrationError::Step(self.act, "anything of this kind"))?;
        Ok(Matter::of_event(task, &event))
    }

    /// The document, as its digest is signed.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    fn event(&self, at: UnixTime, actors: &Actors) -> Event {
        Event {
            entity: self.entity.clone(),
            ordinal: self.ordinal,
            act: self.act,
            operator: signed_by(actors),
            at,
            document: self.document.clone(),
        }
    }

    fn step(&self, at: UnixTime, actors: &Actors, certificates: Vec<Certificate>) -> Step {
        Step {
            event: self.event(at, actors),
            decision: actors.decision().cloned(),
            further: actors.decisions().iter().skip(1).cloned().collect(),
            certificates,
        }
    }
}

/// Who signed, as the statement says; whether it is true, the record checks.
fn signed_by(actors: &Actors) -> Option<String> {
    let statement = Statement::parse(actors.decision()?.statement()).ok()?;
    Some(statement.operator().to_owned())
}

impl CaEngine {
    /// The same engine with these settings of registration.
    #[must_use]
    pub fn with_registration(mut self, settings: RegistrationSettings) -> Self {
        self.registration = settings;
        self
    }

    /// What tells this record from every other: the first record's hash, hexadecimal. It is in every
    /// statement that an operator signs.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn record_identity(&self) -> Result<String, CaError> {
        Ok(self.store.record_identity()?)
    }

    /// All operators there ever were, by name.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn operators(&self) -> Result<Vec<Operator>, CaError> {
        Ok(self.store.operators()?)
    }

    /// The operator of this name.
    ///
    /// # Errors
    /// Where there is none, or the record cannot be read.
    pub fn operator(&self, name: &str) -> Result<Operator, CaError> {
        let found = self.operators()?.into_iter().find(|o| o.name() == name);
        Ok(found.ok_or_else(|| RegistrationError::UnknownOperator(name.to_owned()))?)
    }

    /// The statement that this operator signs for `matter`, at the present time.
    ///
    /// # Errors
    /// Where there is no such operator, or the record cannot be read.
    pub fn statement(&self, matter: &Matter, operator: &str) -> Result<String, CaError> {
        let operator = self.operator(operator)?;
        Ok(matter.statement(&self.record_identity()?, &operator, self.now()))
    }

    /// Whether people's certificates need an approved request: once any operator was enrolled, or
    /// where the settings say so.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub fn requests_needed(&self) -> Result<bool, CaError> {
        Ok(self.registration.requests == Requests::Required || self.store.has_operators()?)
    }

    /// Refuses to go on without an approved request where this profile needs one.
    ///
    /// # Errors
    /// [`RegistrationError::RequestNeeded`], or where the record cannot be read.
    pub fn check_request_needed(&self, profile: &Profile) -> Result<(), CaError> {
        if need(profile) == RequestNeed::WhereOperators && self.requests_needed()? {
            return Err(RegistrationError::RequestNeeded(profile.name().to_owned()).into());
        }
        Ok(())
    }

    /// To enrol an operator. The first one needs nobody's decision and must be a security-officer.
    ///
    /// # Errors
    /// Where another operator stands in the way, or the record cannot be read.
    pub fn enrol(&self, enrolment: &Enrolment) -> Result<Proposal, CaError> {
        enrolment.check_beside(&self.operators()?)?;
        Ok(Proposal {
            entity: Entity::operator(enrolment.name()),
            ordinal: 0,
            act: EventAct::Register,
            document: enrolment.text(),
        })
    }

    /// To suspend, resume or remove an operator.
    ///
    /// # Errors
    /// Where there is no such operator, or the record cannot be read.
    pub fn change_operator(
        &self,
        name: &str,
        act: EventAct,
        reason: Option<&str>,
    ) -> Result<Proposal, CaError> {
        let operator = self.operator(name)?;
        Ok(Proposal {
            entity: Entity::operator(name),
            ordinal: operator.steps(),
            act,
            document: Follow::text(operator.document(), reason)?,
        })
    }

    /// Commits a proposal, with the decision that `actors` bring where one is needed. What was
    /// decided on: a request with its number.
    ///
    /// # Errors
    /// Where the decision does not count, the step cannot follow, or the record cannot be written.
    pub fn take(&self, proposal: &Proposal, actors: &Actors) -> Result<Entity, CaError> {
        let numbered = proposal.entity.kind == Kind::Request && proposal.act == EventAct::Register;
        let mut proposal = proposal.clone();
        loop {
            let certificates = self.taken_along(&proposal)?;
            let step = proposal.step(self.now(), actors, certificates);
            let act = Act::Register(Box::new(RegistrationAct::Step(step)));
            match self.commit(actors, act) {
                Ok(_) => return Ok(proposal.entity),
                // Somebody else took the number; each loser means one winner, so this ends.
                Err(StoreError::Conflict(Conflict::Registration(e)))
                    if numbered && matches!(*e, RegistrationError::Meanwhile(_)) =>
                {
                    proposal.entity = self.next_request()?;
                }
                Err(e) => return Err(e.into()),
            }
        }
    }
}

/// Whether certificates of this profile need a request, once requests are needed.
fn need(profile: &Profile) -> RequestNeed {
    if profile.subject_type().is_subscriber() {
        RequestNeed::WhereOperators
    } else {
        RequestNeed::Never
    }
}
