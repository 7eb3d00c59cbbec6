//! What responders ask.

use pki_asn1::Certificate;

use super::certificate::decode;
use super::{Backend, Database, SqlError, SqlStore, crl, revocation};
use crate::crl::CrlName;
use crate::status::{CrlView, Status};
use crate::store::{PublishedCrl, StatusStore, StoreError};

impl<B: Backend> StatusStore for SqlStore<B> {
    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT c.state, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, \
                 r.decided_at FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                 WHERE a.name = ?1 AND a.state = 1 AND c.serial = ?2 AND c.state <> 0",
                &[authority.into(), serial.into()],
                |row| {
                    Ok(match revocation::columns(row, 1)? {
                        None => Status::Good,
                        Some(r) => Status::Revoked {
                            at: r.at,
                            reason: r.reason,
                            invalidity_date: r.invalidity_date,
                        },
                    })
                },
            )
        })
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, StoreError> {
        self.read(|db| match latest(db, authority, name)? {
            Some(found) => Ok(Some(crl::view(db, &found)?)),
            None => Ok(None),
        })
    }

    fn published_crl(
        &self,
        authority: &str,
        name: CrlName,
    ) -> Result<Option<PublishedCrl>, StoreError> {
        self.read(|db| latest(db, authority, name))
    }

    fn first_certificates(&self) -> Result<Vec<(String, Certificate)>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT name, certificate FROM authority WHERE state = 1 ORDER BY id",
                &[],
                |row| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?)),
            )?;
            rows.into_iter()
                .map(|(name, der)| Ok((name, decode(db, der)?)))
                .collect()
        })
    }

    fn version(&self) -> Result<u64, StoreError> {
        self.readers.follow()?;
        self.read(|db| db.number("SELECT version FROM status_version", &[]))
    }
}

fn latest(
    db: &mut dyn Database,
    authority: &str,
    name: CrlName,
) -> Result<Option<PublishedCrl>, SqlError> {
    let (shard, kind) = (crl::shard(name), crl::kind(name));
    db.one(
        crl::LATEST_BY_NAME,
        &[authority.into(), shard.into(), kind.into()],
        |row| crl::published(row, name),
    )
}
