//! What responders ask.

use super::{Backend, SqlStore, crl, revocation};
use crate::status::{CrlView, Status};
use crate::store::{StatusStore, StoreError};

impl<B: Backend> StatusStore for SqlStore<B> {
    fn status(&self, authority: &str, serial: &[u8]) -> Result<Option<Status>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT c.state, r.revoked_at, r.reason, r.invalidity_date, r.requested_at \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
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

    fn crl(&self, authority: &str) -> Result<Option<CrlView>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT c.number, c.this_update, c.next_update, c.der FROM crl c \
                 JOIN authority a ON a.id = c.authority WHERE a.name = ?1 AND a.state = 1 \
                 ORDER BY c.number DESC LIMIT 1",
                &[authority.into()],
                crl::view,
            )
        })
    }

    fn crl_number(&self, authority: &str) -> Result<Option<u64>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT c.number FROM crl c \
                 JOIN authority a ON a.id = c.authority WHERE a.name = ?1 AND a.state = 1 \
                 ORDER BY c.number DESC LIMIT 1",
                &[authority.into()],
                |row| row.get(0),
            )
        })
    }

    fn version(&self) -> Result<u64, StoreError> {
        self.readers.follow()?;
        self.read(|db| db.number("SELECT version FROM status_version", &[]))
    }
}
