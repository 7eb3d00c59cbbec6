//! Changes of status: each is a row of its own, in order, and the present state of every certificate
//! that is revoked or suspended is another.

use std::collections::HashMap;

use pki_asn1::UnixTime;

use super::audit::{AreaAudit, Outcome, octets, unless};
use super::{Database, Row, SqlError, hierarchy, registration, state};
use crate::crl::CrlScope;
use crate::import::PastRevocation;
use crate::journal::{Entry, EntryBody, HierarchyEntry, ImportEntry, RegistrationEntry};
use crate::revocation::{Revocation, RevocationReason};
use crate::store::{AuthorityRef, Conflict, RevocationAct, SuspensionAct};

/// Kinds of change, as the table holds them.
pub(super) mod change {
    pub(in super::super) const REVOKED: i64 = 0;
    pub(in super::super) const SUSPENDED: i64 = 1;
    pub(in super::super) const RESUMED: i64 = 2;
    pub(in super::super) const INTERRUPTED: i64 = 3;
    /// It was decided elsewhere: a CRL or another product's record told.
    pub(in super::super) const IMPORTED: i64 = 4;
}

pub(super) const ISSUED: &str =
    "SELECT state, not_after FROM certificate WHERE authority = ?1 AND serial = ?2";
pub(super) const PRESENT: &str = "SELECT revoked_at, reason, invalidity_date, requested_at, decided_at FROM revocation \
     WHERE authority = ?1 AND serial = ?2";
const COUNT_CHANGE: &str = "UPDATE authority SET status_changes = status_changes + 1 WHERE id = ?1 \
     RETURNING status_changes, crl_partitions";
const PARTITIONS: &str = "SELECT crl_partitions FROM authority WHERE id = ?1";
const APPEND: &str = "INSERT INTO status_change (authority, position, serial, shard, change, \
     effective_at, reason, invalidity_date, requested_at, decided_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const INSERT: &str = "INSERT INTO revocation (authority, serial, shard, revoked_at, reason, \
     invalidity_date, requested_at, decided_at, position, not_after) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const MAKE_FINAL: &str = "UPDATE revocation SET reason = ?3, invalidity_date = ?4, requested_at = ?5, \
     decided_at = ?6, position = ?7 WHERE authority = ?1 AND serial = ?2";
const REMOVE: &str = "DELETE FROM revocation WHERE authority = ?1 AND serial = ?2";

/// What a change of status looks up and writes, for the test that none of it is a scan.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 7] = [
    ISSUED,
    PRESENT,
    COUNT_CHANGE,
    APPEND,
    INSERT,
    MAKE_FINAL,
    REMOVE,
];

pub(super) fn revoke(
    db: &mut dyn Database,
    at: UnixTime,
    act: &RevocationAct,
) -> Result<(), SqlError> {
    refuse_final(db, &act.authority, &act.serial)?;
    let not_after = issued(db, &act.authority, &act.serial)?;
    let revocation = |since| Revocation {
        at: since,
        reason: act.reason,
        invalidity_date: act.invalidity_date,
        requested_at: act.requested_at,
        decided_at: at,
    };
    match present(db, &act.authority, &act.serial)? {
        None => {
            let one = One {
                authority: act.authority.id,
                serial: &act.serial,
                change: change::REVOKED,
                revocation: revocation(at),
            };
            let place = append(db, &one)?;
            insert(db, &one, place, not_after)
        }
        Some(hold) if hold.reason == RevocationReason::CertificateHold => {
            let one = One {
                authority: act.authority.id,
                serial: &act.serial,
                change: change::REVOKED,
                revocation: revocation(hold.at),
            };
            let place = append(db, &one)?;
            db.execute(
                MAKE_FINAL,
                &[
                    one.authority.into(),
                    one.serial.into(),
                    one.revocation.reason.code().into(),
                    one.revocation.invalidity_date.into(),
                    one.revocation.requested_at.into(),
                    one.revocation.decided_at.into(),
                    place.position.into(),
                ],
            )?;
            Ok(())
        }
        Some(earlier) => Err(Conflict::AlreadyRevoked { at: earlier.at }.into()),
    }
}

/// After the last CRL of its scope, OCSP would say of a certificate what no CRL can say any more (EN
/// 319 411-1 clause 6.3.9). Between the authority's end and that CRL its certificates may be revoked.
fn refuse_final(
    db: &mut dyn Database,
    authority: &AuthorityRef,
    serial: &[u8],
) -> Result<(), SqlError> {
    if hierarchy::life(db, authority.id)?.terminated_at.is_none() {
        return Ok(());
    }
    let partitions = db.one(PARTITIONS, &[authority.id.into()], |row| row.get::<u64>(0))?;
    let partitions = u32::try_from(partitions.unwrap_or(0)).unwrap_or(0);
    let scope = CrlScope::of(serial, partitions);
    match super::crl::has_last(db, authority.id, scope)? {
        true => Err(Conflict::AfterLastCrl.into()),
        false => Ok(()),
    }
}

pub(super) fn suspend(
    db: &mut dyn Database,
    at: UnixTime,
    act: &SuspensionAct,
) -> Result<(), SqlError> {
    hierarchy::refuse_ended(db, &act.authority)?;
    let not_after = issued(db, &act.authority, &act.serial)?;
    if let Some(earlier) = present(db, &act.authority, &act.serial)? {
        return Err(match earlier.reason {
            RevocationReason::CertificateHold => Conflict::AlreadySuspended { at: earlier.at },
            _ => Conflict::AlreadyRevoked { at: earlier.at },
        }
        .into());
    }
    let one = One {
        authority: act.authority.id,
        serial: &act.serial,
        change: change::SUSPENDED,
        revocation: Revocation {
            at,
            reason: RevocationReason::CertificateHold,
            invalidity_date: None,
            requested_at: act.requested_at,
            decided_at: at,
        },
    };
    let place = append(db, &one)?;
    insert(db, &one, place, not_after)
}

pub(super) fn resume(
    db: &mut dyn Database,
    at: UnixTime,
    act: &SuspensionAct,
) -> Result<(), SqlError> {
    hierarchy::refuse_ended(db, &act.authority)?;
    issued(db, &act.authority, &act.serial)?;
    registration::check_resumable(db, act.authority.id, &act.serial)?;
    match present(db, &act.authority, &act.serial)? {
        None => return Err(Conflict::NotSuspended.into()),
        Some(earlier) if earlier.reason != RevocationReason::CertificateHold => {
            return Err(Conflict::AlreadyRevoked { at: earlier.at }.into());
        }
        Some(_) => {}
    }
    append(
        db,
        &One {
            authority: act.authority.id,
            serial: &act.serial,
            change: change::RESUMED,
            revocation: Revocation {
                at,
                reason: RevocationReason::Unspecified,
                invalidity_date: None,
                requested_at: act.requested_at,
                decided_at: at,
            },
        },
    )?;
    db.execute(REMOVE, &[act.authority.id.into(), (&act.serial).into()])?;
    Ok(())
}

/// An issuance that was interrupted is revoked from its first second.
pub(super) fn insert_interrupted(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
    (not_before, not_after): (UnixTime, UnixTime),
    at: UnixTime,
) -> Result<(), SqlError> {
    let one = One {
        authority,
        serial,
        change: change::INTERRUPTED,
        revocation: Revocation {
            at: not_before,
            reason: RevocationReason::Unspecified,
            invalidity_date: None,
            requested_at: not_before,
            decided_at: at,
        },
    };
    let place = append(db, &one)?;
    insert(db, &one, place, not_after)
}

/// A revocation or suspension that was decided elsewhere, and is known here since `at`.
pub(super) fn insert_imported(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
    past: &PastRevocation,
    at: UnixTime,
) -> Result<(), SqlError> {
    let found = db.one(ISSUED, &[authority.into(), serial.into()], |row| {
        row.get::<UnixTime>(1)
    })?;
    let one = One {
        authority,
        serial,
        change: change::IMPORTED,
        revocation: Revocation {
            at: past.at,
            reason: past.reason,
            invalidity_date: past.invalidity_date,
            requested_at: past.at,
            decided_at: at,
        },
    };
    let place = append(db, &one)?;
    insert(db, &one, place, found.ok_or(Conflict::UnknownSerial)?)?;
    registration::note_revocation(db, authority, serial, past.reason)
}

/// A change of one certificate's status.
struct One<'a> {
    authority: i64,
    serial: &'a [u8],
    change: i64,
    revocation: Revocation,
}

/// Where a change stands: its number among the authority's, and the partition.
#[derive(Clone, Copy)]
struct Place {
    position: u64,
    shard: i64,
}

/// The end of the certificate's validity, where it was issued.
fn issued(
    db: &mut dyn Database,
    authority: &AuthorityRef,
    serial: &[u8],
) -> Result<UnixTime, SqlError> {
    let found = db.one(ISSUED, &[authority.id.into(), serial.into()], |row| {
        Ok((row.get::<i64>(0)?, row.get::<UnixTime>(1)?))
    })?;
    match found {
        Some((state::ISSUED, not_after)) => Ok(not_after),
        _ => Err(Conflict::UnknownSerial.into()),
    }
}

fn present(
    db: &mut dyn Database,
    authority: &AuthorityRef,
    serial: &[u8],
) -> Result<Option<Revocation>, SqlError> {
    let found = db.one(PRESENT, &[authority.id.into(), serial.into()], |row| {
        columns(row, 0)
    })?;
    Ok(found.flatten())
}

fn append(db: &mut dyn Database, one: &One<'_>) -> Result<Place, SqlError> {
    let counted = db.one(COUNT_CHANGE, &[one.authority.into()], |row| {
        Ok((row.get::<u64>(0)?, row.get::<u64>(1)?))
    })?;
    let Some((position, partitions)) = counted else {
        return Err(Conflict::UnknownSerial.into());
    };
    let partitions = u32::try_from(partitions).unwrap_or(0);
    let place = Place {
        position,
        shard: i64::from(CrlScope::of(one.serial, partitions).index()),
    };
    let revocation = &one.revocation;
    db.execute(
        APPEND,
        &[
            one.authority.into(),
            position.into(),
            one.serial.into(),
            place.shard.into(),
            one.change.into(),
            revocation.at.into(),
            revocation.reason.code().into(),
            revocation.invalidity_date.into(),
            revocation.requested_at.into(),
            revocation.decided_at.into(),
        ],
    )?;
    Ok(place)
}

fn insert(
    db: &mut dyn Database,
    one: &One<'_>,
    place: Place,
    not_after: UnixTime,
) -> Result<(), SqlError> {
    let revocation = &one.revocation;
    db.execute(
        INSERT,
        &[
            one.authority.into(),
            one.serial.into(),
            place.shard.into(),
            revocation.at.into(),
            revocation.reason.code().into(),
            revocation.invalidity_date.into(),
            revocation.requested_at.into(),
            revocation.decided_at.into(),
            place.position.into(),
            not_after.into(),
        ],
    )?;
    Ok(())
}

/// The revocation in five columns from `at` on: time, reason, invalidity date, request time, decision
/// time.
pub(super) fn columns(row: &dyn Row, at: usize) -> Result<Option<Revocation>, SqlError> {
    let Some(revoked_at) = row.get::<Option<UnixTime>>(at)? else {
        return Ok(None);
    };
    Ok(Some(Revocation {
        at: revoked_at,
        reason: reason(row, at + 1)?,
        invalidity_date: row.get(at + 2)?,
        requested_at: row.get(at + 3)?,
        decided_at: row.get(at + 4)?,
    }))
}

pub(super) fn reason(row: &dyn Row, at: usize) -> Result<RevocationReason, SqlError> {
    let reason = u8::try_from(row.get::<i64>(at)?)
        .ok()
        .and_then(RevocationReason::from_code);
    Ok(reason.unwrap_or(RevocationReason::Unspecified))
}

/// The comparison of changes of status with the journal.
#[derive(Debug, Default)]
pub(super) struct RevocationAudit {
    changes: u64,
    /// Certificates that are revoked or suspended now.
    present: u64,
    /// Suspensions that may yet be made final.
    on_hold: HashMap<(String, String), String>,
}

/// What a record says about a change.
struct Said<'a> {
    authority: &'a String,
    serial: &'a String,
    change: i64,
    effective_at: Option<String>,
    reason: &'a str,
    invalidity_date: Option<&'a String>,
    requested_at: Option<&'a String>,
}

impl AreaAudit for RevocationAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        let said = match &entry.body {
            EntryBody::Revocation {
                authority,
                serial,
                reason,
                invalidity_date,
                requested_at,
            } => {
                let held = self.on_hold.remove(&(authority.clone(), serial.clone()));
                if held.is_none() {
                    self.present += 1;
                }
                Said {
                    authority,
                    serial,
                    change: change::REVOKED,
                    effective_at: Some(held.unwrap_or_else(|| entry.at.clone())),
                    reason,
                    invalidity_date: invalidity_date.as_ref(),
                    requested_at: Some(requested_at),
                }
            }
            EntryBody::Suspension {
                authority,
                serial,
                requested_at,
            } => {
                self.present += 1;
                let key = (authority.clone(), serial.clone());
                self.on_hold.insert(key, entry.at.clone());
                Said {
                    authority,
                    serial,
                    change: change::SUSPENDED,
                    effective_at: Some(entry.at.clone()),
                    reason: RevocationReason::CertificateHold.name(),
                    invalidity_date: None,
                    requested_at: Some(requested_at),
                }
            }
            EntryBody::Resumption {
                authority,
                serial,
                requested_at,
            } => {
                let held = self.on_hold.remove(&(authority.clone(), serial.clone()));
                if held.is_none() {
                    return Ok(Some(format!(
                        "certificate {serial} of {authority:?} was resumed without having been suspended"
                    )));
                }
                self.present -= 1;
                Said {
                    authority,
                    serial,
                    change: change::RESUMED,
                    effective_at: Some(entry.at.clone()),
                    reason: RevocationReason::Unspecified.name(),
                    invalidity_date: None,
                    requested_at: Some(requested_at),
                }
            }
            EntryBody::Abandoned {
                authority, serial, ..
            } => {
                self.present += 1;
                Said {
                    authority,
                    serial,
                    change: change::INTERRUPTED,
                    effective_at: None,
                    reason: RevocationReason::Unspecified.name(),
                    invalidity_date: None,
                    requested_at: None,
                }
            }
            // An organisation took them along: as if each had a record of its own.
            EntryBody::Registration(RegistrationEntry::Registration(step)) => {
                for body in registration::changes_of_status(&entry.at, step) {
                    let one = Entry {
                        body,
                        ..entry.clone()
                    };
                    let difference = self.compare(db, &one)?;
                    if difference.is_some() {
                        return Ok(difference);
                    }
                }
                return Ok(None);
            }
            EntryBody::Import(imported) => {
                let revoked = imported.counts().1;
                self.changes += revoked;
                self.present += revoked;
                if let ImportEntry::Import {
                    authority, entries, ..
                } = imported
                {
                    for entry in entries {
                        if let Some(past) = &entry.revocation
                            && past.reason == RevocationReason::CertificateHold.name()
                        {
                            let key = (authority.clone(), entry.serial.clone());
                            self.on_hold.insert(key, past.at.clone());
                        }
                    }
                }
                return Ok(None);
            }
            EntryBody::Hierarchy(HierarchyEntry::CrlImport {
                authority, revoked, ..
            }) => {
                self.changes += revoked.len() as u64;
                self.present += revoked.len() as u64;
                return hierarchy::missing_revocation(db, authority, revoked);
            }
            _ => return Ok(None),
        };
        self.changes += 1;
        let same = same(db, &said, &entry.at)?;
        Ok(unless(same, || {
            let Said {
                authority, serial, ..
            } = said;
            match said.change {
                change::INTERRUPTED => format!(
                    "certificate {serial} of {authority:?} was never released, and is not revoked"
                ),
                change::REVOKED => format!(
                    "the revocation of certificate {serial} of {authority:?} is missing or was changed"
                ),
                _ => format!(
                    "the suspension or resumption of certificate {serial} of {authority:?} is missing or was changed"
                ),
            }
        }))
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            (
                "changes of status",
                "SELECT count(*) FROM status_change",
                self.changes,
            ),
            (
                "counted changes of status",
                "SELECT CAST(coalesce(sum(status_changes), 0) AS BIGINT) FROM authority",
                self.changes,
            ),
            (
                "revocations",
                "SELECT count(*) FROM revocation",
                self.present,
            ),
            (
                "revocations that are the certificate's last change of status",
                "SELECT count(*) FROM revocation r \
                 JOIN status_change s ON s.authority = r.authority AND s.position = r.position \
                 JOIN certificate c ON c.authority = r.authority AND c.serial = r.serial \
                 WHERE s.serial = r.serial AND s.shard = r.shard AND s.change <> 2 \
                 AND s.effective_at = r.revoked_at AND s.reason = r.reason \
                 AND coalesce(s.invalidity_date, -1) = coalesce(r.invalidity_date, -1) \
                 AND s.requested_at = r.requested_at AND s.decided_at = r.decided_at \
                 AND c.not_after = r.not_after \
                 AND NOT EXISTS (SELECT 1 FROM status_change n WHERE n.authority = r.authority \
                     AND n.serial = r.serial AND n.position > r.position)",
                self.present,
            ),
        ]
    }
}

const RECORDED: &str = "SELECT s.effective_at, s.reason, s.invalidity_date, s.requested_at, \
     s.decided_at FROM status_change s JOIN authority a ON a.id = s.authority \
     WHERE a.name = ?1 AND s.serial = ?2 AND s.change = ?3 AND s.decided_at = ?4";
const RECORDED_PRESENT: &str = "SELECT r.revoked_at, r.reason, r.invalidity_date, r.requested_at, \
     r.decided_at FROM revocation r JOIN authority a ON a.id = r.authority \
     WHERE a.name = ?1 AND r.serial = ?2";
const RECORDED_INTERRUPTION: &str = "SELECT s.effective_at, s.reason, s.invalidity_date, \
     s.requested_at, s.decided_at FROM status_change s JOIN authority a ON a.id = s.authority \
     WHERE a.name = ?1 AND s.serial = ?2 AND s.change = ?3";

/// Whether the table holds the change as the record says it, decided at `at`.
fn same(db: &mut dyn Database, said: &Said<'_>, at: &str) -> Result<bool, SqlError> {
    let decided_at: UnixTime = at.parse().unwrap_or_default();
    let serial = octets(said.serial);
    let which = [
        said.authority.into(),
        (&serial).into(),
        said.change.into(),
        decided_at.into(),
    ];
    let found = if said.change == change::INTERRUPTED {
        // There is one, and a record of an earlier format does not know when it was closed.
        db.one(RECORDED_INTERRUPTION, &which[..3], |row| columns(row, 0))
    } else {
        db.one(RECORDED, &which, |row| columns(row, 0))
    }?;
    let present = find(db, (said.authority, said.serial))?;
    if matches!(said.change, change::REVOKED | change::INTERRUPTED) && present != found.flatten() {
        // Final: the present state is what was decided.
        return Ok(false);
    }
    Ok(found.flatten().is_some_and(|row| {
        let equal = |said: Option<&String>, found: UnixTime| {
            said.is_none_or(|said| *said == found.to_string())
        };
        equal(said.effective_at.as_ref(), row.at)
            && row.reason.name() == said.reason
            && row.invalidity_date.map(|t| t.to_string()).as_ref() == said.invalidity_date
            && equal(said.requested_at, row.requested_at)
    }))
}

/// The present state of the certificate, where it is revoked or suspended.
pub(super) fn find(
    db: &mut dyn Database,
    (authority, serial): (&String, &String),
) -> Result<Option<Revocation>, SqlError> {
    let found = db.one(
        RECORDED_PRESENT,
        &[authority.into(), (&octets(serial)).into()],
        |row| columns(row, 0),
    )?;
    Ok(found.flatten())
}
