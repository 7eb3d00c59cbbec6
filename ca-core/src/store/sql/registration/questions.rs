//! What registration asks.

use pki_asn1::UnixTime;

use super::{
    Database, Row, SqlError, event, events, identity, in_force, life, lives,
    mandate::certified_keys, operators, organisation_key, organisation_of, request_of,
};
use crate::issuance::sha256;
use crate::registration::{Certificate, Entity, Operator, Organisation, Refusals, Request};
use crate::store::sql::{Backend, SqlStore, certificate};
use crate::store::{CertificateEntry, Ending, Query, RegistrationStore, StoreError};

/// Rows of lives that are asked for at once; a life has some four steps.
const PAGE: i64 = 400;

impl<B: Backend> RegistrationStore for SqlStore<B> {
    fn record_identity(&self) -> Result<String, StoreError> {
        self.read(identity)
    }

    fn operators(&self) -> Result<Vec<Operator>, StoreError> {
        self.read(operators)
    }

    fn has_operators(&self) -> Result<bool, StoreError> {
        self.read(in_force)
    }

    fn request(&self, number: u64) -> Result<Option<Request>, StoreError> {
        self.read(|db| request_of(&life(db, &Entity::request(number))?))
    }

    fn requests(&self, after: u64) -> Result<Vec<Request>, StoreError> {
        self.read(|db| {
            let after = format!("{after:0>12}");
            let events = db.all(
                events!(
                    "WHERE kind = 'request' AND name IN (SELECT name FROM registration_event \
                     WHERE kind = 'request' AND ordinal = 0 AND name > ?1 ORDER BY name LIMIT ?2) \
                     ORDER BY name, ordinal"
                ),
                &[(&after).into(), PAGE.into()],
                event,
            )?;
            lives(&events)
                .filter_map(|life| request_of(life).transpose())
                .collect()
        })
    }

    fn request_of(&self, authority: &str, serial: &[u8]) -> Result<Option<u64>, StoreError> {
        self.read(|db| {
            let found = db.one(
                "SELECT g.request FROM certificate_registration g \
                 JOIN authority a ON a.id = g.authority WHERE a.name = ?1 AND g.serial = ?2",
                &[authority.into(), serial.into()],
                |row| row.get::<Option<u64>>(0),
            )?;
            Ok(found.flatten())
        })
    }

    fn certificate_of(&self, request: u64) -> Result<Option<CertificateEntry>, StoreError> {
        self.read(|db| {
            let found = db.one(
                "SELECT a.name, g.serial FROM certificate_registration g \
                 JOIN authority a ON a.id = g.authority \
                 JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
                 WHERE g.request = ?1 AND c.state <> 2",
                &[request.into()],
                name_and_serial,
            )?;
            one_certificate(db, found)
        })
    }

    fn successor_of(
        &self,
        authority: &str,
        serial: &[u8],
    ) -> Result<Option<CertificateEntry>, StoreError> {
        self.read(|db| {
            let found = db.one(
                "SELECT a.name, g.serial FROM certificate_registration g \
                 JOIN authority a ON a.id = g.authority \
                 JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
                 WHERE g.renews_serial = ?2 AND g.renews_authority = ?1 AND c.state <> 2 \
                 ORDER BY c.id DESC LIMIT 1",
                &[authority.into(), serial.into()],
                name_and_serial,
            )?;
            one_certificate(db, found)
        })
    }

    fn organisation(&self, identifier: &str) -> Result<Option<Organisation>, StoreError> {
        self.read(|db| super::organisation(db, identifier))
    }

    fn organisations(&self, after: &str) -> Result<Vec<Organisation>, StoreError> {
        self.read(|db| {
            let events = db.all(
                events!(
                    "WHERE kind = 'organisation' AND name IN (SELECT name \
                     FROM registration_event WHERE kind = 'organisation' AND ordinal = 0 \
                     AND name > ?1 ORDER BY name LIMIT ?2) ORDER BY name, ordinal"
                ),
                &[after.into(), PAGE.into()],
                event,
            )?;
            lives(&events)
                .filter_map(|life| organisation_of(life).transpose())
                .collect()
        })
    }

    fn certificates_of(
        &self,
        identifier: &str,
        at: UnixTime,
        after: i64,
    ) -> Result<Vec<(i64, CertificateEntry)>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                concat!(
                    "SELECT a.name, g.serial, c.id FROM certificate_registration g \
                     JOIN authority a ON a.id = g.authority \
                     JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
                     WHERE g.organisation IS NOT NULL AND ",
                    organisation_key!("g.organisation"),
                    " = ",
                    organisation_key!("CAST(?1 AS TEXT)"),
                    " AND c.not_after >= ?2 AND c.id > ?3 AND c.state <> 2 \
                     ORDER BY c.id LIMIT ?4"
                ),
                &[identifier.into(), at.into(), after.into(), PAGE.into()],
                |row| Ok((name_and_serial(row)?, row.get::<i64>(2)?)),
            )?;
            with_certificates(db, rows)
        })
    }

    fn held_with(&self, organisation: &str) -> Result<Vec<Certificate>, StoreError> {
        self.read(|db| super::fate::held_with(db, organisation))
    }

    fn ending(
        &self,
        until: UnixTime,
        (end, place): (UnixTime, i64),
    ) -> Result<Vec<Ending>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT a.name, c.serial, c.id, g.organisation, EXISTS (SELECT 1 \
                 FROM certificate_registration n JOIN certificate m \
                 ON m.authority = n.authority AND m.serial = n.serial \
                 WHERE n.renews_serial = c.serial AND n.renews_authority = a.name \
                 AND m.state = 1) \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN certificate_registration g \
                 ON g.authority = c.authority AND g.serial = c.serial \
                 WHERE c.not_after <= ?1 AND (c.not_after > ?2 OR (c.not_after = ?2 AND c.id > ?3)) \
                 AND c.state = 1 ORDER BY c.not_after, c.id LIMIT ?4",
                &[until.into(), end.into(), place.into(), PAGE.into()],
                |row| {
                    Ok((
                        name_and_serial(row)?,
                        row.get::<i64>(2)?,
                        row.get::<Option<String>>(3)?,
                        row.get::<bool>(4)?,
                    ))
                },
            )?;
            let mut found = Vec::with_capacity(rows.len());
            for (which, place, organisation, renewed) in rows {
                if let Some(entry) = one_certificate(db, Some(which))? {
                    found.push(Ending {
                        place,
                        entry,
                        organisation,
                        renewed,
                    });
                }
            }
            Ok(found)
        })
    }

    fn last_request(&self) -> Result<u64, StoreError> {
        self.read(|db| {
            let last = db.one(
                "SELECT name FROM registration_event WHERE kind = 'request' \
                 ORDER BY name DESC LIMIT 1",
                &[],
                |row| row.get::<String>(0)?.parse().map_err(|_| row.unexpected(0)),
            )?;
            Ok(last.unwrap_or(0))
        })
    }

    fn valid_of_subject(
        &self,
        subject: &str,
        profile: &str,
        at: UnixTime,
        except: &[u8],
    ) -> Result<Option<Certificate>, StoreError> {
        self.read(|db| {
            let found = db.all(
                "SELECT a.name, c.serial FROM certificate_registration g \
                 JOIN authority a ON a.id = g.authority \
                 JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                 WHERE g.subject_sha256 = ?1 AND c.profile = ?2 AND c.not_after >= ?3 \
                 AND c.state = 1 AND r.serial IS NULL LIMIT 2",
                &[
                    (&sha256(subject.as_bytes())).into(),
                    profile.into(),
                    at.into(),
                ],
                name_and_serial,
            )?;
            let other = found.into_iter().find(|(_, serial)| serial != except);
            Ok(other.map(|(authority, serial)| Certificate {
                authority,
                serial: hex::encode(serial),
            }))
        })
    }

    fn certified_keys(
        &self,
        authority: &str,
        profile: &str,
        subject: &str,
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        self.read(|db| certified_keys(db, (authority, profile, subject), i64::MAX))
    }

    fn unindexed(&self, before: i64) -> Result<Vec<(i64, CertificateEntry)>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT a.name, c.serial, c.id FROM certificate c \
                 JOIN authority a ON a.id = c.authority \
                 WHERE c.state = 1 AND c.der IS NOT NULL AND c.id < ?1 AND NOT EXISTS (SELECT 1 \
                 FROM certificate_registration g \
                 WHERE g.authority = c.authority AND g.serial = c.serial) \
                 ORDER BY c.id DESC LIMIT ?2",
                &[before.into(), PAGE.into()],
                |row| Ok((name_and_serial(row)?, row.get::<i64>(2)?)),
            )?;
            with_certificates(db, rows)
        })
    }

    fn is_indexed(&self) -> Result<bool, StoreError> {
        self.read(|db| {
            let first = db.one(
                "SELECT c.authority, c.serial FROM certificate c \
                 WHERE c.state = 1 AND c.der IS NOT NULL ORDER BY c.id LIMIT 1",
                &[],
                |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)),
            )?;
            let Some((authority, serial)) = first else {
                return Ok(true);
            };
            let known = db.one(
                "SELECT 1 FROM certificate_registration WHERE authority = ?1 AND serial = ?2",
                &[authority.into(), (&serial).into()],
                |_| Ok(()),
            )?;
            Ok(known.is_some())
        })
    }

    fn revocation_codes(&self, serial: &[u8]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.read(|db| {
            db.all(
                "SELECT a.name, g.revocation_code FROM certificate_registration g \
                 JOIN authority a ON a.id = g.authority \
                 JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
                 WHERE g.serial = ?1 AND g.revocation_code IS NOT NULL AND c.state = 1",
                &[serial.into()],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
    }

    fn code_refusals(
        &self,
        serial: &[u8],
        (certificate, overall): (UnixTime, UnixTime),
    ) -> Result<Refusals, StoreError> {
        self.read(|db| {
            Ok(Refusals {
                certificate: db.number(
                    "SELECT count(*) FROM revocation_code_refusal WHERE serial = ?1 AND at > ?2",
                    &[serial.into(), certificate.into()],
                )?,
                overall: db.number(
                    "SELECT count(*) FROM revocation_code_refusal WHERE at > ?1",
                    &[overall.into()],
                )?,
            })
        })
    }
}

fn name_and_serial(row: &dyn Row) -> Result<(String, Vec<u8>), SqlError> {
    Ok((row.get(0)?, row.get(1)?))
}

/// The certificate, as every other question shows it.
fn one_certificate(
    db: &mut dyn Database,
    which: Option<(String, Vec<u8>)>,
) -> Result<Option<CertificateEntry>, SqlError> {
    let Some((authority, serial)) = which else {
        return Ok(None);
    };
    let found = certificate::find(db, &Query::Serial(serial))?;
    Ok(found.into_iter().find(|e| e.authority == authority))
}

fn with_certificates(
    db: &mut dyn Database,
    rows: Vec<((String, Vec<u8>), i64)>,
) -> Result<Vec<(i64, CertificateEntry)>, SqlError> {
    let mut found = Vec::with_capacity(rows.len());
    for (which, place) in rows {
        if let Some(entry) = one_certificate(db, Some(which))? {
            found.push((place, entry));
        }
    }
    Ok(found)
}
