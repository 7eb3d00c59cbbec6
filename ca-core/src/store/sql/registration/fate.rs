//! Certificates that go with their organisation: all in the organisation's own act, so that there is
//! no moment in which some have gone and others not.

use pki_asn1::UnixTime;

use super::{Database, SqlError, life, organisation_of, refused};
use crate::journal::{EntryBody, StepEntry};
use crate::registration::{Certificate, Entity, Fate, Kind, Organisation, RegistrationError};
use crate::revocation::RevocationReason;
use crate::store::sql::audit::octets;
use crate::store::sql::revocation;
use crate::store::{AuthorityRef, Conflict, RevocationAct, Step, SuspensionAct};

/// What an organisation's certificates are revoked for.
const REASON: RevocationReason = RevocationReason::CessationOfOperation;

pub(super) fn share(db: &mut dyn Database, at: UnixTime, step: &Step) -> Result<(), SqlError> {
    let event = &step.event;
    if event.entity.kind != Kind::Organisation {
        return Ok(());
    }
    let Some(fate) = Fate::of(event.act, &event.document).map_err(refused)? else {
        return Ok(());
    };
    let suspended_at = match fate {
        Fate::Resumed => organisation(db, &event.entity)?.and_then(|o| o.suspended_at()),
        Fate::Revoked | Fate::Suspended => None,
    };
    for certificate in &step.certificates {
        let (authority, serial) = find(db, certificate)?;
        let its = organisation_of_certificate(db, authority.id, &serial)?;
        if its.as_ref() != Some(&event.entity.name) {
            return Err(Conflict::UnknownSerial.into());
        }
        let suspension = || SuspensionAct {
            authority: authority.clone(),
            serial: serial.clone(),
            requested_at: at,
        };
        match fate {
            Fate::Revoked => revocation::revoke(
                db,
                at,
                &RevocationAct {
                    authority: authority.clone(),
                    serial: serial.clone(),
                    reason: REASON,
                    invalidity_date: None,
                    requested_at: at,
                },
            ),
            Fate::Suspended => revocation::suspend(db, at, &suspension()),
            Fate::Resumed => {
                // Suspended anew, for another reason, since the list was made.
                if revocation::held_since(db, &authority, &serial)? != suspended_at {
                    return Err(Conflict::NotSuspended.into());
                }
                revocation::resume(db, at, &suspension())
            }
        }?;
    }
    match fate {
        Fate::Resumed => Ok(()),
        Fate::Revoked | Fate::Suspended => refuse_good(db, at, &event.entity),
    }
}

/// The organisation as the steps so far leave it.
fn organisation(db: &mut dyn Database, entity: &Entity) -> Result<Option<Organisation>, SqlError> {
    organisation_of(&life(db, entity)?)
}

fn organisation_of_certificate(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
) -> Result<Option<String>, SqlError> {
    let found = db.one(
        "SELECT organisation FROM certificate_registration WHERE authority = ?1 AND serial = ?2",
        &[authority.into(), serial.into()],
        |row| row.get::<Option<String>>(0),
    )?;
    Ok(found.flatten())
}

/// No suspension ends by itself while the organisation is struck off: that would undo, certificate by
/// certificate and signed by nobody, what was decided about all of them. The organisation's own
/// reinstatement is written down before its certificates are resumed.
pub(in super::super) fn check_resumable(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
) -> Result<(), SqlError> {
    let Some(identifier) = organisation_of_certificate(db, authority, serial)? else {
        return Ok(());
    };
    match organisation(db, &Entity::organisation(&identifier))? {
        None => Ok(()),
        Some(organisation) => organisation.check_registered().map_err(refused),
    }
}

fn find(
    db: &mut dyn Database,
    certificate: &Certificate,
) -> Result<(AuthorityRef, Vec<u8>), SqlError> {
    let id = db.one(
        "SELECT id FROM authority WHERE name = ?1 AND state <> 2",
        &[(&certificate.authority).into()],
        |row| row.get::<i64>(0),
    )?;
    let authority = AuthorityRef {
        id: id.ok_or(Conflict::UnknownSerial)?,
        name: certificate.authority.clone(),
    };
    Ok((authority, octets(&certificate.serial)))
}

/// A certificate that was begun or issued while the list was made would stay good.
fn refuse_good(db: &mut dyn Database, at: UnixTime, organisation: &Entity) -> Result<(), SqlError> {
    let good = db.one(
        "SELECT 1 FROM certificate_registration g \
         JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
         LEFT JOIN revocation r ON r.authority = g.authority AND r.serial = g.serial \
         WHERE g.organisation = ?1 AND c.not_after >= ?2 AND c.state <> 2 \
         AND r.serial IS NULL LIMIT 1",
        &[(&organisation.name).into(), at.into()],
        |_| Ok(()),
    )?;
    match good {
        None => Ok(()),
        Some(()) => Err(refused(RegistrationError::OrganisationBusy(
            organisation.name.clone(),
        ))),
    }
}

/// What the step says about the status of certificates, as if each had a record of its own: for the
/// comparison of their status with the journal.
pub(in super::super) fn changes_of_status(at: &str, step: &StepEntry) -> Vec<EntryBody> {
    let fate = step
        .act
        .parse()
        .ok()
        .and_then(|act| Fate::of(act, &step.document).ok().flatten());
    let Some(fate) = fate else {
        return Vec::new();
    };
    let each = step.certificates.iter().map(|certificate| {
        let (authority, serial) = (certificate.authority.clone(), certificate.serial.clone());
        let requested_at = at.to_owned();
        match fate {
            Fate::Revoked => EntryBody::Revocation {
                authority,
                serial,
                reason: REASON.name().to_owned(),
                invalidity_date: None,
                requested_at,
            },
            Fate::Suspended => EntryBody::Suspension {
                authority,
                serial,
                requested_at,
            },
            Fate::Resumed => EntryBody::Resumption {
                authority,
                serial,
                requested_at,
            },
        }
    });
    each.collect()
}
