//! CRLs: their numbers, the revocations on them, the published ones.

use super::audit::{AreaAudit, Outcome, unless};
use super::{Backend, Database, PAGE, Row, SqlError, SqlStore, revocation};
use crate::issuance::sha256;
use crate::journal::{Entry, EntryBody};
use crate::status::CrlView;
use crate::store::{
    Conflict, CrlIntent, CrlPublication, CrlStore, RevokedSerial, RevokedSnapshot, RevokedVisitor,
    StoreError,
};

pub(super) fn intend(db: &mut dyn Database, c: &CrlIntent) -> Result<(), SqlError> {
    let last = last_number(db, c.authority.id)?;
    if c.number != last + 1 {
        return Err(Conflict::CrlNumber { last }.into());
    }
    db.execute(
        "UPDATE authority SET crl_number = ?1 WHERE id = ?2",
        &[c.number.into(), c.authority.id.into()],
    )?;
    Ok(())
}

pub(super) fn publish(db: &mut dyn Database, c: &CrlPublication) -> Result<(), SqlError> {
    db.execute(
        "INSERT INTO crl (authority, number, this_update, next_update, der) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            c.authority.id.into(),
            c.number.into(),
            c.this_update.into(),
            c.next_update.into(),
            (&c.der).into(),
        ],
    )?;
    Ok(())
}

impl<B: Backend> CrlStore for SqlStore<B> {
    fn last_crl_number(&self, authority: i64) -> Result<u64, StoreError> {
        self.read(|db| last_number(db, authority))
    }

    fn latest_crl(&self, authority: i64) -> Result<Option<CrlView>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT number, this_update, next_update, der FROM crl WHERE authority = ?1 \
                 ORDER BY number DESC LIMIT 1",
                &[authority.into()],
                view,
            )
        })
    }

    fn revoked(
        &self,
        authority: i64,
        with: &mut dyn FnMut(&mut dyn RevokedSnapshot) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // One transaction, so that every walk sees the same revocations.
        self.snapshot(|db| Ok(with(&mut Snapshot { db, authority })?))
    }
}

fn last_number(db: &mut dyn Database, authority: i64) -> Result<u64, SqlError> {
    db.number(
        "SELECT crl_number FROM authority WHERE id = ?1",
        &[authority.into()],
    )
}

/// Number, thisUpdate, nextUpdate, DER.
pub(super) fn view(row: &dyn Row) -> Result<CrlView, SqlError> {
    Ok(CrlView {
        number: row.get(0)?,
        this_update: row.get(1)?,
        next_update: row.get(2)?,
        der: row.get(3)?,
    })
}

struct Snapshot<'a> {
    db: &'a mut dyn Database,
    authority: i64,
}

impl RevokedSnapshot for Snapshot<'_> {
    fn for_each(&mut self, visit: &mut RevokedVisitor<'_>) -> Result<(), StoreError> {
        // Below every serial: they have at least one octet.
        let mut after = Vec::new();
        loop {
            let mut rows = 0;
            let mut last = Vec::new();
            self.db.query(
                "SELECT serial, revoked_at, reason, invalidity_date, requested_at FROM revocation \
                 WHERE authority = ?1 AND serial > ?2 ORDER BY serial LIMIT ?3",
                &[self.authority.into(), (&after).into(), PAGE.into()],
                &mut |row| {
                    rows += 1;
                    let serial = row.bytes(0)?.unwrap_or_default();
                    last.clear();
                    last.extend_from_slice(serial);
                    match revocation::columns(row, 1)? {
                        Some(revocation) => Ok(visit(RevokedSerial { serial, revocation })?),
                        None => Ok(()),
                    }
                },
            )?;
            if rows < PAGE {
                return Ok(());
            }
            after = last;
        }
    }
}

/// The comparison of CRLs with the journal.
#[derive(Debug, Default)]
pub(super) struct CrlAudit {
    intents: u64,
    published: u64,
}

impl AreaAudit for CrlAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        match &entry.body {
            EntryBody::CrlIntent { .. } => {
                self.intents += 1;
                Ok(None)
            }
            EntryBody::CrlResult {
                authority,
                number,
                crl_sha256,
            } => {
                self.published += 1;
                let found = db.one(
                    "SELECT c.der FROM crl c JOIN authority a ON a.id = c.authority \
                     WHERE a.name = ?1 AND c.number = ?2",
                    &[authority.into(), (*number).into()],
                    |row| Ok(hex::encode(sha256(row.bytes(0)?.unwrap_or_default()))),
                )?;
                Ok(unless(found.as_ref() == Some(crl_sha256), || {
                    format!("CRL {number} of {authority:?} is missing or another one")
                }))
            }
            _ => Ok(None),
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            ("CRLs", "SELECT count(*) FROM crl", self.published),
            (
                "CRL numbers",
                "SELECT CAST(coalesce(sum(crl_number), 0) AS BIGINT) FROM authority",
                self.intents,
            ),
        ]
    }
}
