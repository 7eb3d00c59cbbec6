//! Certification authorities.

use super::{Database, SqlError};
use crate::authority::Authority;
use crate::store::sql::certificate::decode;

/// Those that have a certificate, in order of creation.
pub(super) fn all(db: &mut dyn Database) -> Result<Vec<Authority>, SqlError> {
    let rows = db.all(
        // The newest certificate for the same name and key is the one that counts.
        "SELECT a.id, a.name, a.profile, a.key_location, i.name, coalesce(r.der, a.certificate), \
         a.crl_partitions, CASE WHEN r.der IS NULL THEN NULL ELSE a.certificate END \
         FROM authority a LEFT JOIN authority i ON i.id = a.issuer \
         LEFT JOIN certificate r ON r.id = (SELECT max(c.id) FROM authority_certificate x \
             JOIN certificate c ON c.authority = x.issuer AND c.serial = x.serial \
             WHERE x.authority = a.id AND x.kind = 1 AND c.state = 1) \
         WHERE a.state = 1 ORDER BY a.id",
        &[],
        |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<String>(1)?,
                row.get::<String>(2)?,
                row.get::<String>(3)?,
                row.get::<Option<String>>(4)?,
                row.get::<Vec<u8>>(5)?,
                row.get::<u64>(6)?,
                row.get::<Option<Vec<u8>>>(7)?,
            ))
        },
    )?;
    rows.into_iter()
        .map(
            |(id, name, profile, key_location, issuer, der, partitions, first)| {
                let certificate = decode(db, der)?;
                let since = match first {
                    Some(first) => decode(db, first)?.not_before(),
                    None => certificate.not_before(),
                };
                Ok(Authority {
                    since,
                    id,
                    name,
                    profile,
                    certificate,
                    key_location,
                    issuer,
                    crl_partitions: u32::try_from(partitions).unwrap_or(0),
                })
            },
        )
        .collect()
}
