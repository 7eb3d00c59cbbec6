//! What responders ask.

use std::time::{Duration, Instant};

use pki_asn1::Certificate;

use super::certificate::decode;
use super::{Backend, Database, SqlError, SqlStore, authority, crl, revocation};
use crate::crl::CrlName;
use crate::status::{CrlView, Observation, Status};
use crate::store::{PublishedCrl, StatusStore, StoreError};

impl<B: Backend> StatusStore for SqlStore<B> {
    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, StoreError> {
        let (version, status) = self.read(|db| {
            db.one(
                "SELECT c.state, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, \
                 r.decided_at, v.version FROM status_version v \
                 LEFT JOIN authority a ON a.name = ?1 AND a.state = 1 \
                 LEFT JOIN certificate c ON c.authority = a.id AND c.serial = ?2 AND c.state <> 0 \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial",
                &[authority.into(), serial.into()],
                |row| {
                    let issued = row.get::<Option<i64>>(0)?.is_some();
                    let status = match revocation::columns(row, 1)? {
                        _ if !issued => None,
                        None => Some(Status::Good),
                        Some(r) => Some(Status::Revoked {
                            at: r.at,
                            reason: r.reason,
                            invalidity_date: r.invalidity_date,
                        }),
                    };
                    Ok((row.get::<u64>(6)?, status))
                },
            )?
            .ok_or_else(|| db.damaged("it has no version".into()))
        })?;
        self.following.check(&self.readers.record(), version)?;
        Ok(status)
    }

    fn crl(&self, authority: &str, name: CrlName) -> Result<Option<CrlView>, StoreError> {
        self.current(|db| match latest(db, authority, name)? {
            Some(found) => Ok(Some(crl::view(db, &found)?)),
            None => Ok(None),
        })
    }

    fn published_crl(
        &self,
        authority: &str,
        name: CrlName,
    ) -> Result<Option<PublishedCrl>, StoreError> {
        self.current(|db| latest(db, authority, name))
    }

    fn latest_crls(&self) -> Result<Vec<(String, PublishedCrl)>, StoreError> {
        self.read(|db| {
            let mut found = Vec::new();
            for authority in authority::all(db)? {
                let latest = crl::latest_of_all(db, authority.id, authority.crl_partitions)?;
                found.extend(latest.into_iter().map(|crl| (authority.name.clone(), crl)));
            }
            Ok(found)
        })
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

    fn observe(&self) -> Result<Observation, StoreError> {
        self.readers.follow()?;
        let asked_at = Instant::now();
        let ((standing, origin), version) = self.read(|db| {
            // In this order: what is read afterwards is not older.
            let standing = db.standing()?;
            Ok((standing, db.number(VERSION, &[])?))
        })?;
        if self.readers.found(origin) {
            self.following.begin_anew();
        }
        Ok(Observation {
            successors: self.readers.successors(),
            version,
            age: self.following.seen(asked_at, standing, version),
        })
    }

    fn wait_for_change(&self, limit: Duration) {
        self.following.wait(&self.readers, limit);
    }
}

const VERSION: &str = "SELECT version FROM status_version";

impl<B: Backend> SqlStore<B> {
    /// Asks what belongs to the version that was observed, or a later one.
    fn current<T>(
        &self,
        ask: impl Fn(&mut dyn Database) -> Result<T, SqlError>,
    ) -> Result<T, StoreError> {
        let (version, answer) = self.read(|db| Ok((db.number(VERSION, &[])?, ask(db)?)))?;
        self.following.check(&self.readers.record(), version)?;
        Ok(answer)
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
