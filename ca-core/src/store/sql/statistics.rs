//! Counts and times over the whole record.

use super::{Database, SqlError};
use crate::engine::Statistics;

pub(super) fn count(db: &mut dyn Database) -> Result<Statistics, SqlError> {
    let slowest = db.one(
        "SELECT max(revoked_at - requested_at) FROM revocation",
        &[],
        |row| row.get::<Option<i64>>(0),
    )?;
    let mut count = |sql| db.number(sql, &[]);
    Ok(Statistics {
        authorities: count("SELECT count(*) FROM authority WHERE state = 1")?,
        issued: count("SELECT count(*) FROM certificate WHERE state = 1")?,
        revoked: count(
            "SELECT count(*) FROM revocation r JOIN certificate c \
             ON c.authority = r.authority AND c.serial = r.serial AND c.state = 1",
        )?,
        abandoned: count("SELECT count(*) FROM certificate WHERE state = 2")?,
        crls: count("SELECT count(*) FROM crl")?,
        journal_records: count("SELECT count(*) FROM journal")?,
        slowest_revocation_seconds: slowest.flatten().map(i64::unsigned_abs),
    })
}
