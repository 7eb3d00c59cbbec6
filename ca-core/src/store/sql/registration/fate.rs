//! Certificates that go with their organisation: all in the organisation's own act, so that there is
//! no moment in which some have gone and others not.

use pki_asn1::UnixTime;

use super::{Database, SqlError, organisation, organisation_key, refused};
use crate::journal::{EntryBody, StepEntry};
use crate::registration::{Certificate, Entity, Fate, Kind, RegistrationError};
use crate::revocation::{RevocationReason, is_short_term};
use crate::store::sql::audit::octets;
use crate::store::sql::{hierarchy, revocation};
use crate::store::{AuthorityRef, Conflict, RevocationAct, Step, SuspensionAct};

/// Certificates that are looked at together.
const PAGE: i64 = 500;

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
    let name = &event.entity.name;
    for certificate in &step.certificates {
        let (authority, serial) = find(db, certificate)?;
        hierarchy::refuse_ended(db, &authority)?;
        if !is_of(db, (authority.id, &serial), name)? {
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
            Fate::Suspended => {
                hold(db, name, (authority.id, &serial))?;
                revocation::suspend(db, at, &suspension())
            }
            Fate::Resumed => {
                // Suspended anew, for another reason, since the list was made.
                if !is_held(db, name, (authority.id, &serial))? {
                    return Err(Conflict::NotSuspended.into());
                }
                revocation::resume(db, at, &suspension())
            }
        }?;
    }
    match fate {
        Fate::Suspended => refuse_good(db, at, &event.entity),
        // What was suspended with it was revoked with it.
        Fate::Revoked => {
            release(db, name)?;
            refuse_good(db, at, &event.entity)
        }
        Fate::Resumed => release(db, name),
    }
}

fn hold(
    db: &mut dyn Database,
    organisation: &String,
    (authority, serial): (i64, &[u8]),
) -> Result<(), SqlError> {
    db.execute(
        "INSERT INTO organisation_hold (organisation, authority, serial) VALUES (?1, ?2, ?3)",
        &[organisation.into(), authority.into(), serial.into()],
    )?;
    Ok(())
}

fn is_held(
    db: &mut dyn Database,
    organisation: &String,
    (authority, serial): (i64, &[u8]),
) -> Result<bool, SqlError> {
    let found = db.one(
        "SELECT 1 FROM organisation_hold WHERE organisation = ?1 AND authority = ?2 AND serial = ?3",
        &[organisation.into(), authority.into(), serial.into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn release(db: &mut dyn Database, organisation: &String) -> Result<(), SqlError> {
    db.execute(
        "DELETE FROM organisation_hold WHERE organisation = ?1",
        &[organisation.into()],
    )?;
    Ok(())
}

/// The certificates that are suspended with the organisation, and for no reason of their own.
pub(super) fn held_with(
    db: &mut dyn Database,
    organisation: &str,
) -> Result<Vec<Certificate>, SqlError> {
    db.all(
        "SELECT a.name, h.serial FROM organisation_hold h JOIN authority a ON a.id = h.authority \
         WHERE h.organisation = ?1 ORDER BY h.authority, h.serial",
        &[organisation.into()],
        |row| {
            Ok(Certificate {
                authority: row.get(0)?,
                serial: hex::encode(row.get::<Vec<u8>>(1)?),
            })
        },
    )
}

/// Whether the certificate is the organisation's, in whatever spelling.
fn is_of(
    db: &mut dyn Database,
    (authority, serial): (i64, &[u8]),
    organisation: &String,
) -> Result<bool, SqlError> {
    let found = db.one(
        concat!(
            "SELECT 1 FROM certificate_registration WHERE authority = ?1 AND serial = ?2 AND ",
            organisation_key!("organisation"),
            " = ",
            organisation_key!("CAST(?3 AS TEXT)")
        ),
        &[authority.into(), serial.into(), organisation.into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
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
    match organisation(db, &identifier)? {
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

/// A certificate that was begun or issued while the list was made would stay good. Those of authorities
/// that ended are left as they are.
fn refuse_good(db: &mut dyn Database, at: UnixTime, organisation: &Entity) -> Result<(), SqlError> {
    let sql = format!(
        "SELECT c.id, c.der FROM certificate_registration g \
         JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
         LEFT JOIN revocation r ON r.authority = g.authority AND r.serial = g.serial \
         WHERE g.organisation IS NOT NULL AND {} = {} AND c.not_after >= ?2 AND c.state <> 2 \
         AND r.serial IS NULL AND c.id > ?3 AND NOT EXISTS (SELECT 1 FROM authority_life l \
         WHERE l.authority = g.authority AND l.terminated_at IS NOT NULL) \
         ORDER BY c.id LIMIT ?4",
        organisation_key!("g.organisation"),
        organisation_key!("CAST(?1 AS TEXT)"),
    );
    let mut after = 0;
    let good = loop {
        let page = db.all(
            &sql,
            &[
                (&organisation.name).into(),
                at.into(),
                after.into(),
                PAGE.into(),
            ],
            |row| Ok((row.get::<i64>(0)?, row.get::<Option<Vec<u8>>>(1)?)),
        )?;
        let Some((last, _)) = page.last() else {
            break false;
        };
        after = *last;
        // Short-term ones end by themselves.
        let ends = |der: &Option<Vec<u8>>| {
            der.as_ref()
                .and_then(|der| pki_asn1::Certificate::from_der(der.clone()).ok())
                .is_some_and(|certificate| is_short_term(&certificate))
        };
        if page.iter().any(|(_, der)| !ends(der)) {
            break true;
        }
    };
    match good {
        false => Ok(()),
        true => Err(refused(RegistrationError::OrganisationBusy(
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
