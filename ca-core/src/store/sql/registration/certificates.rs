//! What INTENT does beside the certificate's own row: duplicate keys and subjects, the request that is
//! fulfilled, the organisation that must not have been struck off.

use std::cell::RefCell;

use pki_asn1::UnixTime;

use super::{
    Database, EachRow, IN_FORCE, Judge, OneRow, Row, SqlError, event, follow, later_organisation,
    lives, organisation_of, refused,
};
use crate::issuance::sha256;
use crate::profile::{DuplicateKey, DuplicateSubject};
use crate::registration::{Certificate, Event, OrganisationState, RegistrationError, Striking};
use crate::revocation::RevocationReason;
use crate::store::sql::audit::octets;
use crate::store::{Conflict, IndexedCertificate, Intent, RequestNeed};

pub(in super::super) fn intend(
    db: &mut dyn Database,
    at: UnixTime,
    issuer: i64,
    intent: &Intent,
) -> Result<(), SqlError> {
    let registration = &intent.registration;
    check_key(db, intent)?;
    check_subject(db, at, intent)?;
    if let Some(identifier) = &registration.organisation {
        check_organisation(db, identifier)?;
    }
    let mut request = None;
    match &registration.request {
        Some(fulfilled) => {
            follow(db, at, &fulfilled.step)?;
            request = fulfilled.step.event.entity.name.parse::<i64>().ok();
        }
        None => {
            if registration.need == RequestNeed::WhereOperators {
                let profile = intent.profile.clone();
                let needed = move |_: &dyn Row| {
                    Err(refused(RegistrationError::RequestNeeded(profile.clone())))
                };
                db.later(IN_FORCE, &[], Box::new(EachRow(needed)))?;
            }
        }
    }
    let renews = registration.renews.as_ref();
    let renews_serial = renews.map(|c| octets(&c.serial));
    db.later(
        "INSERT INTO certificate_registration (authority, serial, key_sha256, subject_sha256, \
         organisation, request, renews_authority, renews_serial, revocation_code) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            issuer.into(),
            (&intent.serial).into(),
            (&registration.key_sha256).into(),
            (&sha256(intent.subject.as_bytes())).into(),
            registration.organisation.as_ref().into(),
            request.into(),
            renews.map(|c| &c.authority).into(),
            renews_serial.as_ref().into(),
            registration.revocation_code.as_ref().into(),
        ],
        Box::new(OneRow(Conflict::Serial)),
    )
}

/// A certificate that another product issued, in the act that takes it over: there is no moment in
/// which the record holds it and its organisation's end would pass it by.
pub(in super::super) fn take_over(
    db: &mut dyn Database,
    (authority, serial): (i64, &[u8]),
    subject: &str,
    certificate: &pki_asn1::Certificate,
) -> Result<(), SqlError> {
    let organisation = organisation_taken_over(certificate);
    db.execute(
        "INSERT INTO certificate_registration (authority, serial, key_sha256, subject_sha256, \
         organisation) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            authority.into(),
            serial.into(),
            (&sha256(certificate.public_key_bits())).into(),
            (&sha256(subject.as_bytes())).into(),
            organisation.as_ref().into(),
        ],
    )?;
    Ok(())
}

/// The organisation that a certificate of another product goes with; a CA's goes with none.
pub(super) fn organisation_taken_over(certificate: &pki_asn1::Certificate) -> Option<String> {
    if certificate.is_ca() {
        return None;
    }
    pki_asn1::name::attribute(
        certificate.subject(),
        &pki_asn1::oid::AT_ORGANIZATION_IDENTIFIER,
    )
}

/// A certificate that an older program recorded.
pub(super) fn index(db: &mut dyn Database, row: &IndexedCertificate) -> Result<(), SqlError> {
    let serial = octets(&row.certificate.serial);
    let found = db.one(
        "SELECT c.authority, c.subject, r.reason FROM certificate c \
         JOIN authority a ON a.id = c.authority \
         LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
         WHERE a.name = ?1 AND a.state <> 2 AND c.serial = ?2",
        &[(&row.certificate.authority).into(), (&serial).into()],
        |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<String>(1)?,
                row.get::<Option<i64>>(2)?,
            ))
        },
    )?;
    let Some((authority, subject, reason)) = found else {
        return Err(Conflict::UnknownSerial.into());
    };
    db.execute(
        "INSERT INTO certificate_registration (authority, serial, key_sha256, subject_sha256, \
         organisation) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            authority.into(),
            (&serial).into(),
            (&row.key_sha256).into(),
            (&sha256(subject.as_bytes())).into(),
            row.organisation.as_ref().into(),
        ],
    )?;
    let reason = reason
        .and_then(|code| u8::try_from(code).ok())
        .and_then(RevocationReason::from_code);
    match reason {
        Some(reason) => note_revocation(db, authority, &serial, reason),
        None => Ok(()),
    }
}

/// One request, one certificate; those that were never released do not count.
pub(super) fn refuse_second(db: &mut dyn Database, request: u64) -> Result<(), SqlError> {
    let earlier = db.one(
        "SELECT 1 FROM certificate_registration g JOIN certificate c \
         ON c.authority = g.authority AND c.serial = g.serial \
         WHERE g.request = ?1 AND c.state <> 2",
        &[request.into()],
        |_| Ok(()),
    )?;
    match earlier {
        Some(()) => Err(refused(RegistrationError::IssuedBefore)),
        None => Ok(()),
    }
}

/// A key that was revoked as compromised is never certified again, by whichever authority; others as
/// the profile says. The certificate that is renewed does not stand in its own successor's way. None
/// of the questions grows with the number of certificates of one key or subject.
fn check_key(db: &mut dyn Database, intent: &Intent) -> Result<(), SqlError> {
    let registration = &intent.registration;
    let key = (&registration.key_sha256).into();
    db.later(
        "SELECT k.authority, k.serial FROM compromised_key k WHERE k.key_sha256 = ?1",
        &[key],
        Box::new(EachRow(|row: &dyn Row| {
            let bad = certificate(row)?;
            Err(refused(RegistrationError::CompromisedKey {
                authority: bad.authority,
                serial: bad.serial,
            }))
        })),
    )?;
    let subject = sha256(intent.subject.as_bytes());
    let subject = (&subject).into();
    let refuse = || {
        let profile = intent.profile.clone();
        let refuse = move |c: Certificate| RegistrationError::DuplicateKey {
            authority: c.authority,
            serial: c.serial,
            profile: profile.clone(),
        };
        unless_renewed(intent, refuse)
    };
    match registration.duplicate_key {
        DuplicateKey::Allow => Ok(()),
        DuplicateKey::Refuse => db.later(with_key!("TRUE"), &[key], refuse()),
        DuplicateKey::SameSubject => {
            let less = with_key!("g.subject_sha256 < ?2");
            db.later(less, &[key, subject], refuse())?;
            let more = with_key!("g.subject_sha256 > ?2");
            db.later(more, &[key, subject], refuse())
        }
    }
}

/// Two are enough: one of them may be the one that is renewed.
macro_rules! with_key {
    ($condition:literal) => {
        concat!(
            "SELECT a.name, g.serial FROM certificate_registration g \
             JOIN authority a ON a.id = g.authority \
             JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
             WHERE g.key_sha256 = ?1 AND ",
            $condition,
            " AND c.state <> 2 LIMIT 2"
        )
    };
}
use with_key;

fn check_subject(db: &mut dyn Database, at: UnixTime, intent: &Intent) -> Result<(), SqlError> {
    if intent.registration.duplicate_subject != DuplicateSubject::Refuse {
        return Ok(());
    }
    let profile = intent.profile.clone();
    let refuse = move |c: Certificate| RegistrationError::DuplicateSubject {
        profile: profile.clone(),
        authority: c.authority,
        serial: c.serial,
    };
    db.later(
        "SELECT a.name, c.serial FROM certificate_registration g \
         JOIN authority a ON a.id = g.authority \
         JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
         LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
         WHERE g.subject_sha256 = ?1 AND c.profile = ?2 AND c.not_after >= ?3 AND c.state <> 2 \
         AND r.serial IS NULL LIMIT 2",
        &[
            (&sha256(intent.subject.as_bytes())).into(),
            (&intent.profile).into(),
            at.into(),
        ],
        unless_renewed(intent, refuse),
    )
}

/// Every certificate in the answer stands in the way, but for the one that is renewed.
fn unless_renewed(
    intent: &Intent,
    refuse: impl Fn(Certificate) -> RegistrationError + Send + 'static,
) -> Box<dyn Judge> {
    let renewed = intent.registration.renews.clone();
    Box::new(EachRow(move |row: &dyn Row| {
        let found = certificate(row)?;
        if renewed.as_ref() == Some(&found) {
            return Ok(());
        }
        Err(refused(refuse(found)))
    }))
}

fn certificate(row: &dyn Row) -> Result<Certificate, SqlError> {
    Ok(Certificate {
        authority: row.get(0)?,
        serial: hex::encode(row.get::<Vec<u8>>(1)?),
    })
}

/// Remembers the key of a certificate that was revoked as compromised. Called with every revocation.
pub(in super::super) fn note_revocation(
    db: &mut dyn Database,
    authority: i64,
    serial: &[u8],
    reason: RevocationReason,
) -> Result<(), SqlError> {
    if !is_compromise(reason) {
        return Ok(());
    }
    db.execute(
        "INSERT INTO compromised_key (key_sha256, authority, serial) \
         SELECT g.key_sha256, a.name, g.serial FROM certificate_registration g \
         JOIN authority a ON a.id = g.authority WHERE g.authority = ?1 AND g.serial = ?2 \
         ON CONFLICT (key_sha256) DO NOTHING",
        &[authority.into(), serial.into()],
    )?;
    Ok(())
}

fn is_compromise(reason: RevocationReason) -> bool {
    matches!(
        reason,
        RevocationReason::KeyCompromise
            | RevocationReason::CaCompromise
            | RevocationReason::AaCompromise
    )
}

/// Nothing is issued for an organisation that was struck off, with operators or without.
fn check_organisation(db: &mut dyn Database, identifier: &str) -> Result<(), SqlError> {
    let life = Life {
        identifier: identifier.to_owned(),
        events: RefCell::default(),
    };
    later_organisation(db, identifier, Box::new(life))
}

/// An organisation's life so far, as it comes.
struct Life {
    identifier: String,
    events: RefCell<Vec<Event>>,
}

impl Judge for Life {
    fn row(&self, row: &dyn Row) -> Result<(), SqlError> {
        self.events.borrow_mut().push(event(row)?);
        Ok(())
    }

    fn end(&self, _rows: u64) -> Result<(), SqlError> {
        // Records of older programs may have one organisation in two spellings.
        for life in lives(&self.events.borrow()) {
            let Some(organisation) = organisation_of(life)? else {
                continue;
            };
            match organisation.state() {
                OrganisationState::Registered => {}
                OrganisationState::StruckOff(Striking::Revoke | Striking::Suspend) => {
                    return Err(refused(RegistrationError::StruckOff {
                        identifier: self.identifier.clone(),
                        reason: organisation.reason().unwrap_or_default().to_owned(),
                    }));
                }
            }
        }
        Ok(())
    }
}
