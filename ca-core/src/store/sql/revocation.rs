//! Revocations.

use pki_asn1::UnixTime;

use super::audit::{AreaAudit, Outcome, octets, unless};
use super::{Database, Row, SqlError, state};
use crate::journal::{Entry, EntryBody};
use crate::revocation::{Revocation, RevocationReason};
use crate::store::{Conflict, RevocationAct};

pub(super) fn revoke(
    db: &mut dyn Database,
    at: UnixTime,
    act: &RevocationAct,
) -> Result<(), SqlError> {
    let which = [act.authority.id.into(), (&act.serial).into()];
    let known: Option<i64> = db.one(
        "SELECT state FROM certificate WHERE authority = ?1 AND serial = ?2",
        &which,
        |row| row.get(0),
    )?;
    if known != Some(state::ISSUED) {
        return Err(Conflict::UnknownSerial.into());
    }
    let earlier = db.one(
        "SELECT revoked_at FROM revocation WHERE authority = ?1 AND serial = ?2",
        &which,
        |row| row.get(0),
    )?;
    if let Some(at) = earlier {
        return Err(Conflict::AlreadyRevoked { at }.into());
    }
    let revocation = Revocation {
        at,
        reason: act.reason,
        invalidity_date: act.invalidity_date,
        requested_at: act.requested_at,
    };
    insert(db, act.authority.id, &act.serial, &revocation)
}

/// An issuance that was interrupted is revoked from its first second.
pub(super) fn insert_interrupted(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
    not_before: UnixTime,
) -> Result<(), SqlError> {
    let revocation = Revocation {
        at: not_before,
        reason: RevocationReason::Unspecified,
        invalidity_date: None,
        requested_at: not_before,
    };
    insert(db, authority, serial, &revocation)
}

fn insert(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
    revocation: &Revocation,
) -> Result<(), SqlError> {
    db.execute(
        "INSERT INTO revocation (authority, serial, revoked_at, reason, invalidity_date, \
         requested_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            authority.into(),
            serial.into(),
            revocation.at.into(),
            revocation.reason.code().into(),
            revocation.invalidity_date.into(),
            revocation.requested_at.into(),
        ],
    )?;
    Ok(())
}

/// The revocation in four columns from `at` on: time, reason, invalidity date, request time.
pub(super) fn columns(row: &dyn Row, at: usize) -> Result<Option<Revocation>, SqlError> {
    let Some(revoked_at) = row.get::<Option<UnixTime>>(at)? else {
        return Ok(None);
    };
    let reason = u8::try_from(row.get::<i64>(at + 1)?)
        .ok()
        .and_then(RevocationReason::from_code);
    Ok(Some(Revocation {
        at: revoked_at,
        reason: reason.unwrap_or(RevocationReason::Unspecified),
        invalidity_date: row.get(at + 2)?,
        requested_at: row.get(at + 3)?,
    }))
}

/// The comparison of revocations with the journal.
#[derive(Debug, Default)]
pub(super) struct RevocationAudit {
    revocations: u64,
}

impl AreaAudit for RevocationAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        match &entry.body {
            EntryBody::Revocation {
                authority,
                serial,
                reason,
                invalidity_date,
                requested_at,
            } => {
                self.revocations += 1;
                let found = find(db, (authority, serial))?;
                let same = found.is_some_and(|row| {
                    row.at.to_string() == entry.at
                        && row.reason.name() == reason
                        && row.invalidity_date.map(|t| t.to_string()) == *invalidity_date
                        && row.requested_at.to_string() == *requested_at
                });
                Ok(unless(same, || {
                    format!(
                        "the revocation of certificate {serial} of {authority:?} is missing or was changed"
                    )
                }))
            }
            EntryBody::Abandoned {
                authority, serial, ..
            } => {
                self.revocations += 1;
                let found = find(db, (authority, serial))?;
                Ok(unless(found.is_some(), || {
                    format!(
                        "certificate {serial} of {authority:?} was never released, and is not revoked"
                    )
                }))
            }
            _ => Ok(None),
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![(
            "revocations",
            "SELECT count(*) FROM revocation",
            self.revocations,
        )]
    }
}

fn find(
    db: &mut dyn Database,
    (authority, serial): (&String, &String),
) -> Result<Option<Revocation>, SqlError> {
    let found = db.one(
        "SELECT r.revoked_at, r.reason, r.invalidity_date, r.requested_at FROM revocation r \
         JOIN authority a ON a.id = r.authority WHERE a.name = ?1 AND r.serial = ?2",
        &[authority.into(), (&octets(serial)).into()],
        |row| columns(row, 0),
    )?;
    Ok(found.flatten())
}
