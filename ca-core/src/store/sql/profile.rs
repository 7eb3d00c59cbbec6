//! The operator's own profiles: every version stays, so that what was issued can be explained.

use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use super::audit::{AreaAudit, Outcome, octets, unless};
use super::{Backend, Database, SqlError, SqlStore};
use crate::journal::{Entry, EntryBody, ProfileEntry};
use crate::store::{Conflict, ProfileAct, ProfileStore, RecordedProfile, StoreError};

pub(super) fn apply(db: &mut dyn Database, at: UnixTime, act: &ProfileAct) -> Result<(), SqlError> {
    match act {
        ProfileAct::Add(added) => {
            let last = db.one(
                "SELECT max(version) FROM profile WHERE name = ?1",
                &[(&added.name).into()],
                |row| row.get::<Option<i64>>(0),
            )?;
            if let Some(last) = last
                .flatten()
                .filter(|last| i64::from(added.version) <= *last)
            {
                let last = u32::try_from(last).unwrap_or(u32::MAX);
                return Err(Conflict::ProfileVersion { last }.into());
            }
            db.execute(
                "INSERT INTO profile (name, version, source, sha256, added_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                &[
                    (&added.name).into(),
                    i64::from(added.version).into(),
                    (&added.source).into(),
                    added.sha256.as_slice().into(),
                    at.into(),
                ],
            )?;
            Ok(())
        }
        ProfileAct::Retire { name, version, .. } => {
            let retired = db.execute(
                "UPDATE profile SET retired_at = ?1 \
                 WHERE name = ?2 AND version = ?3 AND retired_at IS NULL",
                &[at.into(), name.into(), i64::from(*version).into()],
            )?;
            if retired == 0 {
                return Err(Conflict::UnknownProfile.into());
            }
            Ok(())
        }
    }
}

impl<B: Backend> ProfileStore for SqlStore<B> {
    fn recorded_profiles(&self) -> Result<Vec<RecordedProfile>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT name, version, source, sha256, added_at, retired_at FROM profile \
                 ORDER BY name, version",
                &[],
                |row| {
                    Ok((
                        row.get::<String>(0)?,
                        row.get::<u64>(1)?,
                        row.get::<String>(2)?,
                        row.get::<Vec<u8>>(3)?,
                        row.get::<UnixTime>(4)?,
                        row.get::<Option<UnixTime>>(5)?,
                    ))
                },
            )?;
            rows.into_iter()
                .map(|(name, version, source, sha256, added_at, retired_at)| {
                    // A changed text would issue certificates nobody decided on.
                    let digest = DigestAlgorithm::Sha256.digest(source.as_bytes());
                    match u32::try_from(version) {
                        Ok(version) if digest.as_bytes() == sha256 => Ok(RecordedProfile {
                            name,
                            version,
                            source,
                            added_at,
                            retired_at,
                        }),
                        _ => Err(db.damaged(format!("profile {name:?} was changed"))),
                    }
                })
                .collect()
        })
    }
}

/// The comparison of profiles with the journal.
#[derive(Debug, Default)]
pub(super) struct ProfileAudit {
    added: u64,
    retired: u64,
}

impl AreaAudit for ProfileAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        let EntryBody::Profile(body) = &entry.body else {
            return Ok(None);
        };
        match body {
            ProfileEntry::ProfileAdded {
                name,
                version,
                sha256,
                ..
            } => {
                self.added += 1;
                let row = find(db, name, *version)?;
                let same = row.is_some_and(|row| {
                    let digest = DigestAlgorithm::Sha256.digest(row.source.as_bytes());
                    let recorded = octets(sha256);
                    row.added_at.to_string() == entry.at
                        && row.sha256 == recorded
                        && digest.as_bytes() == recorded
                });
                Ok(unless(same, || {
                    format!("version {version} of profile {name:?} is missing or was changed")
                }))
            }
            ProfileEntry::ProfileRetired { name, version, .. } => {
                self.retired += 1;
                let row = find(db, name, *version)?;
                let retired = row.and_then(|row| row.retired_at);
                let same = retired.is_some_and(|at| at.to_string() == entry.at);
                Ok(unless(same, || {
                    format!("version {version} of profile {name:?} is not retired as recorded")
                }))
            }
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            (
                "versions of profiles",
                "SELECT count(*) FROM profile",
                self.added,
            ),
            (
                "retired profiles",
                "SELECT count(*) FROM profile WHERE retired_at IS NOT NULL",
                self.retired,
            ),
        ]
    }
}

struct ProfileRow {
    source: String,
    sha256: Vec<u8>,
    added_at: UnixTime,
    retired_at: Option<UnixTime>,
}

fn find(
    db: &mut dyn Database,
    name: &String,
    version: u32,
) -> Result<Option<ProfileRow>, SqlError> {
    db.one(
        "SELECT source, sha256, added_at, retired_at FROM profile \
         WHERE name = ?1 AND version = ?2",
        &[name.into(), i64::from(version).into()],
        |row| {
            Ok(ProfileRow {
                source: row.get(0)?,
                sha256: row.get(1)?,
                added_at: row.get(2)?,
                retired_at: row.get(3)?,
            })
        },
    )
}
