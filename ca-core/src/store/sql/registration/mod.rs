//! Registration: the steps of operators, requests and organisations, and what certificates have to do
//! with them. What may follow what is decided by the types in [`crate::registration`]; here the life so
//! far is read, the step is tried on it, the signature behind it is checked, and it is written.

mod audit;
mod certificates;
mod fate;
mod mandate;
mod questions;

use pki_asn1::UnixTime;

pub(super) use self::audit::RegistrationAudit;
pub(super) use self::certificates::{intend, note_revocation, take_over};
pub(super) use self::fate::{changes_of_status, check_resumable};
pub(super) use self::mandate::mandated;
use super::{Database, EachRow, Judge, OneRow, Row, SqlError};
use crate::registration::{
    Entity, Event, EventAct, Kind, Matter, Operator, Organisation, RegistrationError, Request,
    Role, SignedDecision, quorum,
};
use crate::store::{Conflict, ProfileAct, RegistrationAct, Step};

pub(super) fn register(
    db: &mut dyn Database,
    at: UnixTime,
    act: &RegistrationAct,
) -> Result<(), SqlError> {
    match act {
        RegistrationAct::Step(step) => follow(db, at, step),
        RegistrationAct::Index(indexed) => indexed
            .iter()
            .try_for_each(|row| certificates::index(db, row)),
        RegistrationAct::RefuseCode(refusal) => {
            db.execute(
                "INSERT INTO revocation_code_refusal (at, serial) VALUES (?1, ?2)",
                &[at.into(), (&refusal.serial).into()],
            )?;
            Ok(())
        }
    }
}

/// Takes the step, if it can follow and whoever must decide it did.
fn follow(db: &mut dyn Database, at: UnixTime, step: &Step) -> Result<(), SqlError> {
    let event = &step.event;
    let operators = operators(db)?;
    authorise(db, at, &operators, step)?;
    let life = life(db, &event.entity)?;
    if u32::try_from(life.len()) != Ok(event.ordinal) {
        return Err(refused(RegistrationError::Meanwhile(
            event.entity.to_string(),
        )));
    }
    match event.entity.kind {
        Kind::Operator => match operator_of(&life)? {
            None => enrol(at, event, &operators)?,
            Some(mut operator) => {
                operator.apply(event).map_err(refused)?;
                keep_security_officer(at, &operator, &operators)?;
            }
        },
        Kind::Request => match request_of(&life)? {
            None => drop(Request::begin(event).map_err(refused)?),
            Some(mut request) => {
                request.apply(event).map_err(refused)?;
                if event.act == EventAct::Issue {
                    certificates::refuse_second(db, request.number())?;
                }
            }
        },
        Kind::Organisation => match organisation_of(&life)? {
            None => {
                Organisation::begin(event).map_err(refused)?;
                if let Some(known) = registered_as(db, &event.entity.name)? {
                    return Err(refused(RegistrationError::OrganisationExists(known)));
                }
            }
            Some(mut organisation) => organisation.apply(event).map_err(refused)?,
        },
    }
    db.execute(
        "INSERT INTO registration_event (kind, name, ordinal, act, operator, at, document) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            event.entity.kind.name().into(),
            (&key(&event.entity)).into(),
            i64::from(event.ordinal).into(),
            event.act.name().into(),
            event.operator.as_ref().into(),
            at.into(),
            (&event.document).into(),
        ],
    )?;
    fate::share(db, at, step)
}

/// Once an operator was ever enrolled, every step needs the signature of one who may decide it, and
/// of a second one where that is asked; each signature counts once.
fn authorise(
    db: &mut dyn Database,
    at: UnixTime,
    operators: &[Operator],
    step: &Step,
) -> Result<(), SqlError> {
    let event = &step.event;
    let entity = &event.entity;
    let task = event
        .act
        .task(entity.kind)
        .ok_or_else(|| refused(RegistrationError::Step(event.act, "anything of this kind")))?;
    let decisions: Vec<_> = step.decision.iter().chain(&step.further).collect();
    let needed = quorum::for_step((entity.kind, event.act, &entity.name), at, operators.iter());
    let matter = Matter::of_event(task, event);
    let signed_by = decided(db, (at, needed), operators, &matter, &decisions)?;
    if signed_by == event.operator.as_deref() {
        Ok(())
    } else {
        Err(refused(RegistrationError::Unsigned(
            task.name(),
            task.role(),
        )))
    }
}

/// The first of the operators whose signed decisions stand behind an act; nobody's is needed before
/// the first operator is enrolled.
fn decided<'o>(
    db: &mut dyn Database,
    (at, needed): (UnixTime, usize),
    operators: &'o [Operator],
    matter: &Matter,
    decisions: &[&SignedDecision],
) -> Result<Option<&'o str>, SqlError> {
    if operators.is_empty() {
        return match decisions.is_empty() {
            true => Ok(None),
            false => Err(refused(RegistrationError::NobodyEnrolled)),
        };
    }
    let record = identity(db)?;
    let find = |name: &str| operators.iter().find(|o| o.name() == name);
    let deciders =
        quorum::check(matter, decisions, (needed, &record, at), find).map_err(refused)?;
    for (operator, decision) in deciders.iter().zip(decisions) {
        take(db, operator, &decision.statement_sha256())?;
    }
    Ok(deciders.first().map(|operator| operator.name()))
}

/// Once operators are enrolled, a profile-administrator decides on every profile.
pub(super) fn decide_profile(
    db: &mut dyn Database,
    at: UnixTime,
    act: &ProfileAct,
) -> Result<(), SqlError> {
    let operators = operators(db)?;
    let decisions: Vec<_> = act.decision().into_iter().collect();
    decided(db, (at, 1), &operators, &act.matter(), &decisions).map(drop)
}

/// Writes down that the statement was used, by an operator whose certificate was not revoked.
fn take(
    db: &mut dyn Database,
    operator: &Operator,
    statement_sha256: &[u8; 32],
) -> Result<(), SqlError> {
    if let Some(sha256) = operator.enrolment().certificate_sha256() {
        let revoked = db.one(
            "SELECT 1 FROM certificate c JOIN revocation r ON r.authority = c.authority \
             AND r.serial = c.serial WHERE c.fingerprint = ?1",
            &[(&super::audit::octets(sha256)).into()],
            |_| Ok(()),
        )?;
        if revoked.is_some() {
            let name = operator.name().to_owned();
            return Err(refused(RegistrationError::OperatorRevoked(name)));
        }
    }
    db.execute(
        "INSERT INTO operator_decision (statement_sha256) VALUES (?1)",
        &[statement_sha256.into()],
    )
    .map_err(|e| e.unique(RegistrationError::Replayed.into()))?;
    Ok(())
}

fn enrol(at: UnixTime, event: &Event, operators: &[Operator]) -> Result<(), SqlError> {
    let operator = Operator::begin(event).map_err(refused)?;
    let enrolment = operator.enrolment();
    enrolment.check_beside(operators).map_err(refused)?;
    if let Some(not_after) = enrolment.not_after().filter(|end| *end < at) {
        return Err(refused(RegistrationError::EnrolledAfterEnd {
            name: operator.name().to_owned(),
            not_after,
        }));
    }
    if operators.is_empty() && !enrolment.roles().contains(Role::SecurityOfficer) {
        return Err(refused(RegistrationError::FirstOperator));
    }
    Ok(())
}

/// Somebody must be left who can enrol and resume the others.
fn keep_security_officer(
    at: UnixTime,
    changed: &Operator,
    operators: &[Operator],
) -> Result<(), SqlError> {
    let serves =
        |o: &Operator| o.decides_at(at) && o.enrolment().roles().contains(Role::SecurityOfficer);
    let others = operators.iter().filter(|o| o.name() != changed.name());
    if serves(changed) || others.into_iter().any(serves) {
        return Ok(());
    }
    let name = changed.name().to_owned();
    Err(refused(RegistrationError::LastSecurityOfficer(name)))
}

fn refused(error: RegistrationError) -> SqlError {
    Conflict::from(error).into()
}

/// The first record's hash, hexadecimal.
fn identity(db: &mut dyn Database) -> Result<String, SqlError> {
    let hash = db.one("SELECT hash FROM journal WHERE seq = 1", &[], |row| {
        row.get::<Vec<u8>>(0)
    })?;
    Ok(hash.map(hex::encode).unwrap_or_default())
}

/// The name as it is kept: requests in the order of their numbers.
fn key(entity: &Entity) -> String {
    match entity.kind {
        Kind::Request => format!("{:0>12}", entity.name),
        _ => entity.name.clone(),
    }
}

/// An organisation's identifier as it is compared: without spaces and hyphens, in capitals. Both sides
/// of a comparison are made by the database, and the index has this very expression.
macro_rules! organisation_key {
    ($text:literal) => {
        concat!("upper(replace(replace(", $text, ", ' ', ''), '-', ''))")
    };
}
use organisation_key;

/// How the organisation with this identifier is registered, in whatever spelling; the same spelling
/// first, because records of older programs may have two.
fn registered_as(db: &mut dyn Database, identifier: &str) -> Result<Option<String>, SqlError> {
    db.one(
        concat!(
            "SELECT name FROM registration_event WHERE kind = 'organisation' AND ordinal = 0 AND ",
            organisation_key!("name"),
            " = ",
            organisation_key!("CAST(?1 AS TEXT)"),
            " ORDER BY CASE WHEN name = ?1 THEN 0 ELSE 1 END, at, name LIMIT 1"
        ),
        &[identifier.into()],
        |row| row.get(0),
    )
}

/// The organisation with this identifier, in whatever spelling.
fn organisation(db: &mut dyn Database, identifier: &str) -> Result<Option<Organisation>, SqlError> {
    match registered_as(db, identifier)? {
        None => Ok(None),
        Some(name) => organisation_of(&life(db, &Entity::organisation(&name))?),
    }
}

macro_rules! events {
    ($rest:literal) => {
        concat!(
            "SELECT kind, name, ordinal, act, operator, at, document FROM registration_event ",
            $rest
        )
    };
}
use events;

/// All steps of one life, in order.
fn life(db: &mut dyn Database, entity: &Entity) -> Result<Vec<Event>, SqlError> {
    db.all(
        events!("WHERE kind = ?1 AND name = ?2 ORDER BY ordinal"),
        &[entity.kind.name().into(), (&key(entity)).into()],
        event,
    )
}

/// All steps of the organisation with this identifier, in whatever spelling, for a judge who has time.
fn later_organisation(
    db: &mut dyn Database,
    identifier: &str,
    judge: Box<dyn Judge>,
) -> Result<(), SqlError> {
    db.later(
        concat!(
            events!("WHERE kind = 'organisation' AND "),
            organisation_key!("name"),
            " = ",
            organisation_key!("CAST(?1 AS TEXT)"),
            " ORDER BY name, ordinal"
        ),
        &[identifier.into()],
        judge,
    )
}

fn event(row: &dyn Row) -> Result<Event, SqlError> {
    let kind: Kind = row
        .get::<String>(0)?
        .parse()
        .map_err(|()| row.unexpected(0))?;
    let name: String = row.get(1)?;
    let act: EventAct = row
        .get::<String>(3)?
        .parse()
        .map_err(|()| row.unexpected(3))?;
    Ok(Event {
        entity: Entity {
            kind,
            name: match kind {
                Kind::Request => name.trim_start_matches('0').to_owned(),
                _ => name,
            },
        },
        ordinal: u32::try_from(row.get::<i64>(2)?).map_err(|_| row.unexpected(2))?,
        act,
        operator: row.get(4)?,
        at: row.get(5)?,
        document: row.get(6)?,
    })
}

/// All operators there ever were.
fn operators(db: &mut dyn Database) -> Result<Vec<Operator>, SqlError> {
    let events = db.all(
        events!("WHERE kind = 'operator' ORDER BY name, ordinal"),
        &[],
        event,
    )?;
    lives(&events)
        .filter_map(|life| operator_of(life).transpose())
        .collect()
}

/// Events in order, cut where another life begins.
fn lives(events: &[Event]) -> impl Iterator<Item = &[Event]> {
    events.chunk_by(|a, b| a.entity == b.entity)
}

fn operator_of(life: &[Event]) -> Result<Option<Operator>, SqlError> {
    fold(life, Operator::begin, Operator::apply)
}

fn request_of(life: &[Event]) -> Result<Option<Request>, SqlError> {
    fold(life, Request::begin, Request::apply)
}

fn organisation_of(life: &[Event]) -> Result<Option<Organisation>, SqlError> {
    fold(life, Organisation::begin, Organisation::apply)
}

fn fold<T>(
    life: &[Event],
    begin: impl Fn(&Event) -> Result<T, RegistrationError>,
    apply: impl Fn(&mut T, &Event) -> Result<(), RegistrationError>,
) -> Result<Option<T>, SqlError> {
    let Some((first, rest)) = life.split_first() else {
        return Ok(None);
    };
    let mut thing = begin(first).map_err(refused)?;
    for event in rest {
        apply(&mut thing, event).map_err(refused)?;
    }
    Ok(Some(thing))
}

/// A row where any operator was ever enrolled: from then on, people's certificates need requests.
const IN_FORCE: &str = "SELECT 1 FROM registration_event WHERE kind = 'operator' LIMIT 1";

fn in_force(db: &mut dyn Database) -> Result<bool, SqlError> {
    Ok(db.one(IN_FORCE, &[], |_| Ok(()))?.is_some())
}
