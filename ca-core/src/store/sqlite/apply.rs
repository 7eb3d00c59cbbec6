//! The effect of each act on the tables. Constraints of the schema do the refusing where they can.

use pki_asn1::UnixTime;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use crate::store::{Act, AuthorityRef, Completion, Conflict, Intent, StoreError};

/// Why a change has no effect.
pub(super) enum Failure {
    /// This change alone is refused; the others of its batch go on.
    Refused(StoreError),
    /// The database failed; none of the batch is committed.
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Conflict> for Failure {
    fn from(conflict: Conflict) -> Self {
        Self::Refused(conflict.into())
    }
}

/// States of authorities and certificates, as in `schema.sql`.
pub(super) mod state {
    pub(in super::super) const INTENDED: i64 = 0;
    pub(in super::super) const ISSUED: i64 = 1;
    pub(in super::super) const ABANDONED: i64 = 2;
}

/// Whether responders may answer differently after `act`.
pub(super) fn changes_status(act: &Act) -> bool {
    !matches!(act, Act::Create | Act::Intend(_) | Act::IntendCrl(_))
}

pub(super) fn effect(db: &Connection, at: UnixTime, act: &Act) -> Result<(), Failure> {
    match act {
        Act::Create => Ok(()),
        Act::Intend(intent) => intend(db, intent),
        Act::Complete(completion) => complete(db, completion),
        Act::Abandon(a) => {
            let closed = close(db, &a.authority, &a.serial, state::ABANDONED)?;
            if let Some(new_authority) = closed {
                db.prepare_cached("UPDATE authority SET state = ? WHERE id = ?")?
                    .execute((state::ABANDONED, new_authority))?;
            }
            Ok(())
        }
        Act::Revoke(r) => revoke(
            db,
            r.authority.id,
            &r.serial,
            r.reason.code(),
            r.invalidity_date,
            (at, r.requested_at),
        ),
        Act::IntendCrl(c) => {
            let last: i64 = db
                .prepare_cached("SELECT crl_number FROM authority WHERE id = ?")?
                .query_row([c.authority.id], |row| row.get(0))?;
            if i64::try_from(c.number) != Ok(last + 1) {
                return Err(Conflict::CrlNumber {
                    last: last.unsigned_abs(),
                }
                .into());
            }
            db.prepare_cached("UPDATE authority SET crl_number = ? WHERE id = ?")?
                .execute((integer(c.number), c.authority.id))?;
            Ok(())
        }
        Act::PublishCrl(c) => {
            db.prepare_cached(
                "INSERT INTO crl (authority, number, this_update, next_update, der) \
                 VALUES (?, ?, ?, ?, ?)",
            )?
            .execute((
                c.authority.id,
                integer(c.number),
                c.this_update.as_secs(),
                c.next_update.as_secs(),
                &c.der,
            ))?;
            Ok(())
        }
    }
}

fn intend(db: &Connection, intent: &Intent) -> Result<(), Failure> {
    let mut issuer = intent.authority.id;
    let mut created = None;
    if let Some(new) = &intent.new_authority {
        let parent = (!new.is_root).then_some(issuer);
        db.prepare_cached(
            "INSERT INTO authority (name, state, profile, key_location, issuer) \
             VALUES (?, ?, ?, ?, ?)",
        )?
        .execute((
            &new.name,
            state::INTENDED,
            &intent.profile,
            &new.key_location,
            parent,
        ))
        .map_err(|e| unique(e, Conflict::AuthorityName))?;
        let id = db.last_insert_rowid();
        created = Some(id);
        if new.is_root {
            issuer = id;
        }
    }
    db.prepare_cached(
        "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, \
         not_after, tbs_sha256, new_authority) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        issuer,
        &intent.serial,
        state::INTENDED,
        &intent.profile,
        &intent.subject,
        intent.not_before.as_secs(),
        intent.not_after.as_secs(),
        &intent.tbs_sha256,
        created,
    ))
    .map_err(|e| unique(e, Conflict::Serial))?;
    Ok(())
}

fn complete(db: &Connection, c: &Completion) -> Result<(), Failure> {
    let row: Option<(i64, Option<i64>)> = db
        .prepare_cached(
            "SELECT c.id, c.new_authority FROM certificate c JOIN authority a ON a.id = c.authority \
             WHERE a.name = ? AND a.state <> 2 AND c.serial = ? AND c.state = 0",
        )?
        .query_row((&c.authority.name, &c.serial), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((id, new_authority)) = row else {
        return Err(Conflict::NotIntended.into());
    };
    db.prepare_cached("UPDATE certificate SET state = ?, fingerprint = ?, der = ? WHERE id = ?")?
        .execute((state::ISSUED, &c.fingerprint, &c.certificate, id))?;
    if let Some(new_authority) = new_authority {
        db.prepare_cached("UPDATE authority SET state = ?, certificate = ? WHERE id = ?")?
            .execute((state::ISSUED, &c.certificate, new_authority))?;
    }
    Ok(())
}

/// Ends an issuance without a certificate, and returns the authority it would have created.
fn close(
    db: &Connection,
    authority: &AuthorityRef,
    serial: &[u8],
    to: i64,
) -> Result<Option<i64>, Failure> {
    let row: Option<(i64, i64, Option<i64>, i64)> = db
        .prepare_cached(
            "SELECT c.id, c.authority, c.new_authority, c.not_before FROM certificate c \
             JOIN authority a ON a.id = c.authority \
             WHERE a.name = ? AND a.state <> 2 AND c.serial = ? AND c.state = 0",
        )?
        .query_row((&authority.name, serial), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((id, issuer, new_authority, not_before)) = row else {
        return Err(Conflict::NotIntended.into());
    };
    db.prepare_cached("UPDATE certificate SET state = ? WHERE id = ?")?
        .execute((to, id))?;
    // A signature may exist although nobody was given it: it is revoked from its first second.
    let start = UnixTime::from_secs(not_before);
    let unspecified = 0;
    insert_revocation(db, issuer, serial, start, unspecified, None, start)?;
    Ok(new_authority)
}

fn revoke(
    db: &Connection,
    authority: i64,
    serial: &[u8],
    reason: u8,
    invalidity_date: Option<UnixTime>,
    times: (UnixTime, UnixTime),
) -> Result<(), Failure> {
    let known: Option<i64> = db
        .prepare_cached("SELECT state FROM certificate WHERE authority = ? AND serial = ?")?
        .query_row((authority, serial), |row| row.get(0))
        .optional()?;
    if known != Some(state::ISSUED) {
        return Err(Conflict::UnknownSerial.into());
    }
    let earlier: Option<i64> = db
        .prepare_cached("SELECT revoked_at FROM revocation WHERE authority = ? AND serial = ?")?
        .query_row((authority, serial), |row| row.get(0))
        .optional()?;
    if let Some(at) = earlier {
        return Err(Conflict::AlreadyRevoked {
            at: UnixTime::from_secs(at),
        }
        .into());
    }
    let (at, requested_at) = times;
    insert_revocation(
        db,
        authority,
        serial,
        at,
        reason,
        invalidity_date,
        requested_at,
    )
}

fn insert_revocation(
    db: &Connection,
    authority: i64,
    serial: &[u8],
    at: UnixTime,
    reason: u8,
    invalidity_date: Option<UnixTime>,
    requested_at: UnixTime,
) -> Result<(), Failure> {
    db.prepare_cached(
        "INSERT INTO revocation (authority, serial, revoked_at, reason, invalidity_date, \
         requested_at) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        authority,
        serial,
        at.as_secs(),
        reason,
        invalidity_date.map(UnixTime::as_secs),
        requested_at.as_secs(),
    ))?;
    Ok(())
}

/// A broken uniqueness constraint means `conflict`; anything else is the database's failure.
fn unique(error: rusqlite::Error, conflict: Conflict) -> Failure {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        conflict.into()
    } else {
        error.into()
    }
}

/// SQLite's integers are signed; sequence and CRL numbers stay far below.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
