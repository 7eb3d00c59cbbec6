//! What a responder walks that signs ahead: every certificate, and what became of it since.

use super::{Backend, SqlStore};
use crate::status::{IssuedSerial, StatusChanges};
use crate::store::{IssuedStore, StoreError};

const ISSUED: &str = "SELECT c.id, a.name, c.serial, c.not_after FROM certificate c \
     JOIN authority a ON a.id = c.authority AND a.state = 1 \
     WHERE c.id > ?1 AND c.state <> 0 ORDER BY c.id LIMIT ?2";
const POSITION: &str =
    "SELECT status_changes FROM authority WHERE name = ?1 AND state <> 2 AND state = 1";
const CHANGED: &str = "SELECT s.position, s.serial FROM status_change s \
     WHERE s.authority = (SELECT id FROM authority WHERE name = ?1 AND state <> 2 AND state = 1) \
     AND s.position > ?2 ORDER BY s.position LIMIT ?3";

/// For the test that none of it is a scan.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 3] = [ISSUED, POSITION, CHANGED];

impl<B: Backend> IssuedStore for SqlStore<B> {
    fn issued(&self, after: u64, limit: u64) -> Result<Vec<IssuedSerial>, StoreError> {
        self.read(|db| {
            db.all(ISSUED, &[after.into(), limit.into()], |row| {
                Ok(IssuedSerial {
                    id: row.get(0)?,
                    authority: row.get(1)?,
                    serial: row.get(2)?,
                    not_after: row.get(3)?,
                })
            })
        })
    }

    fn status_position(&self, authority: &str) -> Result<u64, StoreError> {
        self.read(|db| db.one(POSITION, &[authority.into()], |row| row.get(0)))
            .map(|found| found.unwrap_or(0))
    }

    fn status_changes(
        &self,
        authority: &str,
        after: u64,
        limit: u64,
    ) -> Result<StatusChanges, StoreError> {
        // The version and the changes of one moment, so that nothing of that version is missing.
        let changes = self.snapshot(|db| {
            let version = db.number("SELECT version FROM status_version", &[])?;
            let values = [authority.into(), after.into(), limit.into()];
            let rows = db.all(CHANGED, &values, |row| {
                Ok((row.get::<u64>(0)?, row.get::<Vec<u8>>(1)?))
            })?;
            let (positions, serials): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            Ok(StatusChanges {
                version,
                position: positions.last().copied().unwrap_or(after),
                serials,
            })
        })?;
        self.following
            .check(&self.readers.record(), changes.version)?;
        Ok(changes)
    }
}
