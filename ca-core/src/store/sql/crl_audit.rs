//! The comparison of CRLs and their numbers with the journal.

use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use super::audit::{AreaAudit, Outcome, unless};
use super::crl::CHUNK;
use super::{Database, Row, SqlError};
use crate::journal::{Entry, EntryBody, HierarchyEntry, ImportEntry};

const NUMBER: &str = "SELECT n.this_update, c.this_update, c.next_update, c.entries \
     FROM crl_number n JOIN authority a ON a.id = n.authority LEFT JOIN crl c \
     ON c.authority = n.authority AND c.shard = n.shard AND c.number = n.number AND c.kind = n.kind \
     WHERE a.name = ?1 AND n.shard = ?2 AND n.number = ?3 AND n.kind = ?4";
const PUBLISHED: &str = "SELECT c.id, c.base, c.position, c.scheduled, c.published_at, c.size, \
     c.this_update \
     FROM crl c JOIN authority a ON a.id = c.authority \
     WHERE a.name = ?1 AND c.shard = ?2 AND c.number = ?3 AND c.kind = ?4";

#[derive(Debug, Default)]
pub(super) struct CrlAudit {
    intents: u64,
    published: u64,
    chunks: u64,
}

/// A CRL as its RESULT tells it.
struct Told<'a> {
    authority: &'a str,
    partition: u32,
    number: u64,
    base: Option<u64>,
    position: Option<u64>,
    /// `None` where an older program wrote the record, or the CRL came from elsewhere.
    scheduled: Option<bool>,
    at: &'a str,
    sha256: &'a str,
}

impl AreaAudit for CrlAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        match &entry.body {
            EntryBody::CrlIntent {
                authority,
                partition,
                number,
                base,
                entries,
                this_update,
                next_update,
                ..
            } => {
                self.intents += 1;
                let times = (this_update.as_str(), next_update.as_str());
                let key = (authority.as_str(), partition.unwrap_or(0), *number);
                let same = intended(db, key, base.is_some(), times, *entries)?;
                Ok(unless(same, || {
                    format!(
                        "that CRL number {number} of {authority:?} was taken is missing or was changed"
                    )
                }))
            }
            EntryBody::Import(ImportEntry::ImportCrlNumber { .. }) => {
                self.intents += 1;
                Ok(None)
            }
            EntryBody::Hierarchy(HierarchyEntry::CrlImport {
                authority,
                number,
                crl_sha256,
                ..
            }) => {
                self.intents += 1;
                let told = Told {
                    authority,
                    partition: 0,
                    number: *number,
                    base: None,
                    position: None,
                    scheduled: None,
                    at: &entry.at,
                    sha256: crl_sha256,
                };
                self.published(db, &told)
            }
            EntryBody::CrlResult {
                authority,
                partition,
                number,
                base,
                position,
                scheduled,
                crl_sha256,
            } => {
                let told = Told {
                    authority,
                    partition: partition.unwrap_or(0),
                    number: *number,
                    base: *base,
                    position: *position,
                    scheduled: *scheduled,
                    at: &entry.at,
                    sha256: crl_sha256,
                };
                self.published(db, &told)
            }
            _ => Ok(None),
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            ("CRLs", "SELECT count(*) FROM crl", self.published),
            (
                "chunks of CRLs",
                "SELECT count(*) FROM crl_chunk",
                self.chunks,
            ),
            (
                "CRL numbers",
                "SELECT count(*) FROM crl_number",
                self.intents,
            ),
        ]
    }
}

/// Whether a number was taken, and the CRL that was made of it, if any, is what was intended.
fn intended(
    db: &mut dyn Database,
    (authority, partition, number): (&str, u32, u64),
    delta: bool,
    (this_update, next_update): (&str, &str),
    entries: u64,
) -> Result<bool, SqlError> {
    let same = db.one(
        NUMBER,
        &[
            authority.into(),
            u64::from(partition).into(),
            number.into(),
            delta.into(),
        ],
        |row| {
            let since: UnixTime = row.get(0)?;
            let taken = since.to_string() == this_update;
            let Some(made) = row.get::<Option<UnixTime>>(1)? else {
                // The first format kept no time of a number that was taken and not used.
                return Ok(taken || since == UnixTime::default());
            };
            // Nor did it count entries.
            let counted: Option<u64> = row.get(3)?;
            Ok(taken
                && made.to_string() == this_update
                && row.get::<UnixTime>(2)?.to_string() == next_update
                && counted.is_none_or(|counted| counted == entries))
        },
    )?;
    Ok(same == Some(true))
}

/// Whether the CRL was published when its RESULT was written. The first format kept no such time, and
/// its CRLs took on the one they say themselves.
fn published_then(row: &dyn Row, told: &Told<'_>) -> Result<bool, SqlError> {
    let published: UnixTime = row.get(4)?;
    let of_first_format = told.position.is_none() && published == row.get::<UnixTime>(6)?;
    Ok(published.to_string() == told.at || of_first_format)
}

impl CrlAudit {
    /// A CRL that is to be in the table.
    fn published(&mut self, db: &mut dyn Database, told: &Told<'_>) -> Outcome {
        self.published += 1;
        let found = db.one(
            PUBLISHED,
            &[
                told.authority.into(),
                u64::from(told.partition).into(),
                told.number.into(),
                told.base.is_some().into(),
            ],
            |row| {
                let same = row.get::<Option<u64>>(1)? == told.base
                    && told
                        .position
                        .is_none_or(|said| row.get(2).is_ok_and(|found: u64| said == found))
                    && told
                        .scheduled
                        .is_none_or(|said| row.get(3).is_ok_and(|found: i64| said == (found == 1)))
                    && published_then(row, told)?;
                Ok((row.get::<i64>(0)?, same, row.get::<u64>(5)?))
            },
        )?;
        let same = match found {
            Some((id, same, size)) => {
                let (digest, octets) = self.digest(db, id)?;
                same && octets == size && digest == told.sha256
            }
            None => false,
        };
        Ok(unless(same, || {
            let (number, authority) = (told.number, told.authority);
            format!("CRL {number} of {authority:?} is missing or another one")
        }))
    }

    /// The SHA-256 of a CRL's chunks, in hexadecimal, and their length.
    fn digest(&mut self, db: &mut dyn Database, id: i64) -> Result<(String, u64), SqlError> {
        let mut hasher = DigestAlgorithm::Sha256.hasher();
        let (mut ordinal, mut octets) = (0_u64, 0);
        loop {
            let mut more = false;
            db.query(CHUNK, &[id.into(), ordinal.into()], &mut |row| {
                more = true;
                let bytes = row.bytes(0)?.unwrap_or_default();
                octets += bytes.len() as u64;
                hasher.update(bytes);
                Ok(())
            })?;
            if !more {
                return Ok((hasher.finish().to_hex(), octets));
            }
            self.chunks += 1;
            ordinal += 1;
        }
    }
}
