//! What was taken over from another product, and the orders of batches. Imported certificates stand
//! among those issued here: their serial numbers are taken, and their status is answered the same way.

use pki_asn1::{Certificate, UnixTime};

use super::audit::{AreaAudit, Outcome, octets, unless};
use super::{
    Backend, Database, SqlError, SqlStore, Value, certificate, crl, registration, revocation, state,
};
use crate::import::{Existing, PastRevocation};
use crate::issuance::sha256;
use crate::journal::{Entry, EntryBody, ImportEntry, ImportedEntry as Recorded};
use crate::revocation::RevocationReason;
use crate::store::{
    AdoptedAuthority, CertificateEntry, Conflict, ImportAct, ImportStore, ImportedCertificate,
    ImportedEntries, ImportedEntry, Page, StoreError,
};

/// The profile that imported certificates have in the record.
const PROFILE: &str = "imported";

pub(super) fn effect(db: &mut dyn Database, at: UnixTime, act: &ImportAct) -> Result<(), SqlError> {
    match act {
        ImportAct::Adopt(adoption) => adopt(db, adoption),
        ImportAct::Entries(entries) => insert(db, at, entries),
        ImportAct::CrlNumber(number) => crl::go_on_from(db, number),
    }
}

fn adopt(db: &mut dyn Database, a: &AdoptedAuthority) -> Result<(), SqlError> {
    let id: Option<i64> = db
        .one(
            "INSERT INTO authority (name, state, profile, key_location, issuer, certificate) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
            &[
                (&a.name).into(),
                state::ISSUED.into(),
                (&a.profile).into(),
                (&a.key_location).into(),
                a.issuer.as_ref().map(|i| i.id).into(),
                (&a.certificate).into(),
            ],
            |row| row.get(0),
        )
        .map_err(|e| e.unique(Conflict::AuthorityName))?;
    let Some(id) = id else {
        return Err(db.damaged("a new authority has no id".into()));
    };
    db.execute(
        "INSERT INTO adoption (authority, chain) VALUES (?1, ?2)",
        &[id.into(), (&a.chain.concat()).into()],
    )?;
    Ok(())
}

fn insert(db: &mut dyn Database, at: UnixTime, imported: &ImportedEntries) -> Result<(), SqlError> {
    for entry in &imported.entries {
        if let Some(certificate) = &entry.certificate {
            insert_certificate(db, imported.authority.id, entry, certificate)?;
        }
        if let Some(past) = &entry.revocation {
            revocation::insert_imported(db, imported.authority.id, &entry.serial, past, at)
                .map_err(|e| e.unique(Conflict::AlreadyRevoked { at: past.at }))?;
        }
    }
    Ok(())
}

fn insert_certificate(
    db: &mut dyn Database,
    authority: i64,
    entry: &ImportedEntry,
    certificate: &ImportedCertificate,
) -> Result<(), SqlError> {
    let parsed = match &certificate.der {
        Some(der) => Some(certificate::decode(db, der.clone())?),
        None => None,
    };
    let tbs_sha256 = parsed
        .as_ref()
        .map(|parsed| sha256(parsed.tbs_der()).to_vec())
        .unwrap_or_default();
    let fingerprint = certificate.der.as_ref().map(|der| sha256(der));
    db.execute(
        "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, \
         not_after, tbs_sha256, fingerprint, der) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            authority.into(),
            (&entry.serial).into(),
            state::ISSUED.into(),
            PROFILE.into(),
            (&certificate.subject).into(),
            certificate.not_before.into(),
            certificate.not_after.into(),
            (&tbs_sha256).into(),
            fingerprint.as_ref().into(),
            certificate.der.as_ref().into(),
        ],
    )
    .map_err(|e| e.unique(Conflict::Serial))?;
    match &parsed {
        Some(parsed) => {
            let row = (authority, entry.serial.as_slice());
            registration::take_over(db, row, &certificate.subject, parsed)
        }
        None => Ok(()),
    }
}

impl<B: Backend> ImportStore for SqlStore<B> {
    fn adopted_chain(&self, authority: i64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT chain FROM adoption WHERE authority = ?1",
                &[authority.into()],
                |row| row.get(0),
            )
        })
    }

    fn existing(
        &self,
        authority: i64,
        serials: &[&[u8]],
    ) -> Result<Vec<Option<Existing>>, StoreError> {
        self.read(|db| {
            let find = |serial: &&[u8]| {
                db.one(
                    "SELECT c.fingerprint, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, \
                     r.decided_at FROM certificate c \
                     LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                     WHERE c.authority = ?1 AND c.serial = ?2",
                    &[authority.into(), Value::Bytes(serial)],
                    |row| {
                        Ok(Existing {
                            fingerprint: row.get(0)?,
                            revocation: revocation::columns(row, 1)?,
                        })
                    },
                )
            };
            serials.iter().map(find).collect()
        })
    }

    fn page(&self, page: &Page) -> Result<(Vec<CertificateEntry>, Option<i64>), StoreError> {
        self.read(|db| certificate::page(db, page))
    }
}

/// The comparison of what was taken over with the journal.
#[derive(Debug, Default)]
pub(super) struct ImportAudit {
    adoptions: u64,
}

impl AreaAudit for ImportAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        match &entry.body {
            EntryBody::Import(adoption @ ImportEntry::Adoption { .. }) => {
                self.adoptions += 1;
                compare_adoption(db, adoption)
            }
            EntryBody::Import(ImportEntry::Import {
                authority, entries, ..
            }) => {
                for entry in entries {
                    let what = compare_entry(db, authority, entry)?;
                    if what.is_some() {
                        return Ok(what);
                    }
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![(
            "adopted authorities",
            "SELECT count(*) FROM adoption",
            self.adoptions,
        )]
    }
}

fn compare_adoption(db: &mut dyn Database, adoption: &ImportEntry) -> Outcome {
    let ImportEntry::Adoption {
        authority,
        profile,
        key,
        issuer,
        certificate_sha256,
        chain_sha256,
    } = adoption
    else {
        return Ok(None);
    };
    let same = db.one(
        "SELECT a.profile, a.key_location, a.certificate, i.name, d.chain, a.state FROM authority a \
         JOIN adoption d ON d.authority = a.id LEFT JOIN authority i ON i.id = a.issuer \
         WHERE a.name = ?1",
        &[authority.into()],
        |row| {
            let certificate: Vec<u8> = row.get(2)?;
            let chain: Vec<u8> = row.get(4)?;
            let chain: Option<Vec<String>> = split(&chain)
                .map(|list| list.into_iter().map(|der| hex::encode(sha256(der))).collect());
            Ok(row.get::<String>(0)? == *profile
                && row.get::<String>(1)? == *key
                && hex::encode(sha256(&certificate)) == *certificate_sha256
                && row.get::<Option<String>>(3)? == *issuer
                && chain.as_ref() == Some(chain_sha256)
                && row.get::<i64>(5)? == state::ISSUED)
        },
    )?;
    Ok(unless(same == Some(true), || {
        format!("the adopted authority {authority:?} is missing or was changed")
    }))
}

fn compare_entry(db: &mut dyn Database, authority: &str, recorded: &Recorded) -> Outcome {
    let serial = octets(&recorded.serial);
    let same = db.one(
        "SELECT c.subject, c.not_before, c.not_after, c.fingerprint, c.der, c.state, c.profile, \
         c.tbs_sha256, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, r.decided_at \
         FROM certificate c JOIN authority a ON a.id = c.authority \
         LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
         WHERE a.name = ?1 AND c.serial = ?2",
        &[authority.into(), (&serial).into()],
        |row| {
            let certificate = match &recorded.certificate {
                None => true,
                Some(c) => {
                    let der = row.bytes(4)?;
                    let digest = der.map(|der| hex::encode(sha256(der)));
                    let tbs = der
                        .and_then(|der| Certificate::from_der(der).ok())
                        .map(|c| sha256(c.tbs_der()).to_vec())
                        .unwrap_or_default();
                    row.get::<String>(0)? == c.subject
                        && row.get::<UnixTime>(1)?.to_string() == c.not_before
                        && row.get::<UnixTime>(2)?.to_string() == c.not_after
                        && row.get::<Option<Vec<u8>>>(3)?.map(hex::encode) == c.sha256
                        && digest == c.sha256
                        && row.get::<i64>(5)? == state::ISSUED
                        && row.get::<String>(6)? == PROFILE
                        && row.get::<Vec<u8>>(7)? == tbs
                }
            };
            let revocation = match &recorded.revocation {
                None => true,
                // A suspension may have ended since, or become final.
                Some(r) if r.reason == RevocationReason::CertificateHold.name() => true,
                Some(r) => revocation::columns(row, 8)?.is_some_and(|found| {
                    let requested_at = found.requested_at;
                    let found = PastRevocation::from(found);
                    found.at.to_string() == r.at
                        && requested_at == found.at
                        && found.reason.name() == r.reason
                        && found.invalidity_date.map(|t| t.to_string()) == r.invalidity_date
                }),
            };
            Ok(certificate && revocation)
        },
    )?;
    Ok(unless(same == Some(true), || {
        format!(
            "the imported certificate {} of {authority:?} is missing or was changed",
            recorded.serial
        )
    }))
}

/// Certificates that stand one after another; `None` where they are none.
fn split(mut ders: &[u8]) -> Option<Vec<&[u8]>> {
    let mut list = Vec::new();
    while !ders.is_empty() {
        let end = pki_asn1::raw::tlv_range(ders, 0).ok()?.end;
        let (one, rest) = ders.split_at_checked(end)?;
        list.push(one);
        ders = rest;
    }
    Some(list)
}
