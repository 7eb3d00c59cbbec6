//! Journal keys, checkpoints and their time-stamps; the journal's tree.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::audit::{AreaAudit, Outcome, unless};
use super::tile::{Source, TileAudit};
use super::{Backend, Database, Row, SqlError, SqlStore, journal, tile};
use crate::journal::merkle::{Frontier, consistency_path, inclusion_path};
use crate::journal::tile::Tiles;
use crate::journal::{
    AuditEntry, ChainHash, Entry, EntryBody, GENESIS, Handover, JournalRow, MAX_LAG,
    SignedCheckpoint, TreeHash,
};
use crate::store::{
    AuditAct, AuditStore, CheckpointRow, CheckpointStamp, Conflict, JournalKeyRow, NewJournalKey,
    StampRow, StoreError,
};

pub(super) fn effect(db: &mut dyn Database, act: &AuditAct) -> Result<(), SqlError> {
    let seq = journal::head(db)?.seq + 1;
    match act {
        AuditAct::JournalKey(key) => journal_key(db, seq, key),
        AuditAct::Checkpoint(signed) => checkpoint(db, seq, signed),
        AuditAct::TimeStamp(stamp) => time_stamp(db, seq, stamp),
    }
}

fn journal_key(db: &mut dyn Database, seq: u64, key: &NewJournalKey) -> Result<(), SqlError> {
    let keys = keys(db)?;
    if keys.iter().any(|k| k.key.spki == key.spki) {
        return Err(Conflict::JournalKeyUsed.into());
    }
    if keys.iter().any(|k| k.key.origin != key.origin) {
        return Err(Conflict::JournalOrigin.into());
    }
    db.execute(
        "INSERT INTO journal_key (seq, origin, spki, location, handover) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            seq.into(),
            (&key.origin).into(),
            (&key.spki).into(),
            (&key.location).into(),
            handover(key.handover).into(),
        ],
    )?;
    Ok(())
}

fn checkpoint(db: &mut dyn Database, seq: u64, signed: &SignedCheckpoint) -> Result<(), SqlError> {
    let size = signed.checkpoint().size;
    let last = last_size(db)?;
    if size <= last || size >= seq || seq - 1 - size > MAX_LAG {
        return Err(Conflict::CheckpointOrder { last }.into());
    }
    db.execute(
        "INSERT INTO checkpoint (size, seq, note) VALUES (?1, ?2, ?3)",
        &[size.into(), seq.into(), signed.note().into()],
    )?;
    Ok(())
}

fn time_stamp(db: &mut dyn Database, seq: u64, stamp: &CheckpointStamp) -> Result<(), SqlError> {
    let last = last_size(db)?;
    if stamp.size != last {
        return Err(Conflict::CheckpointOrder { last }.into());
    }
    db.execute(
        "INSERT INTO checkpoint_time_stamp (seq, size, stamped_at, token) VALUES (?1, ?2, ?3, ?4)",
        &[
            seq.into(),
            stamp.size.into(),
            stamp.time.into(),
            (&stamp.token).into(),
        ],
    )?;
    Ok(())
}

fn last_size(db: &mut dyn Database) -> Result<u64, SqlError> {
    db.number("SELECT coalesce(max(size), 0) FROM checkpoint", &[])
}

fn handover(handover: Handover) -> i64 {
    match handover {
        Handover::Signed => 0,
        Handover::PredecessorLost => 1,
    }
}

fn keys(db: &mut dyn Database) -> Result<Vec<JournalKeyRow>, SqlError> {
    db.all(
        "SELECT seq, origin, spki, location, handover FROM journal_key ORDER BY seq",
        &[],
        |row| {
            Ok(JournalKeyRow {
                seq: row.get(0)?,
                key: NewJournalKey {
                    origin: row.get(1)?,
                    spki: row.get(2)?,
                    location: row.get(3)?,
                    handover: match row.get::<i64>(4)? {
                        0 => Handover::Signed,
                        1 => Handover::PredecessorLost,
                        _ => return Err(row.unexpected(4)),
                    },
                },
            })
        },
    )
}

const CHECKPOINTS: &str = "SELECT size, seq, note FROM checkpoint ORDER BY size";
const LATEST: &str = "SELECT size, seq, note FROM checkpoint ORDER BY size DESC LIMIT 1";

fn checkpoint_row(row: &dyn Row) -> Result<CheckpointRow, SqlError> {
    let note = row.text(2)?.unwrap_or_default();
    let signed = SignedCheckpoint::parse(note.as_bytes()).map_err(|_| row.unexpected(2))?;
    Ok(CheckpointRow {
        seq: row.get(1)?,
        signed,
        stamps: Vec::new(),
    })
}

fn with_stamps(db: &mut dyn Database, mut row: CheckpointRow) -> Result<CheckpointRow, SqlError> {
    row.stamps = db.all(
        "SELECT seq, stamped_at, token FROM checkpoint_time_stamp WHERE size = ?1 ORDER BY seq",
        &[row.signed.checkpoint().size.into()],
        |row| {
            Ok(StampRow {
                seq: row.get(0)?,
                time: row.get(1)?,
                token: row.get(2)?,
            })
        },
    )?;
    Ok(row)
}

impl<B: Backend> AuditStore for SqlStore<B> {
    fn journal_keys(&self) -> Result<Vec<JournalKeyRow>, StoreError> {
        self.read(keys)
    }

    fn checkpoints(&self) -> Result<Vec<CheckpointRow>, StoreError> {
        self.snapshot(|db| {
            let rows = db.all(CHECKPOINTS, &[], checkpoint_row)?;
            rows.into_iter().map(|row| with_stamps(db, row)).collect()
        })
    }

    fn latest_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError> {
        self.snapshot(|db| {
            let row = db.one(LATEST, &[], checkpoint_row)?;
            row.map(|row| with_stamps(db, row)).transpose()
        })
    }

    fn journal_size(&self) -> Result<u64, StoreError> {
        self.read(|db| Ok(journal::head(db)?.seq))
    }

    fn journal_state(&self, size: u64) -> Result<(Frontier, ChainHash), StoreError> {
        self.snapshot(|db| {
            if size == 0 {
                return Ok((Frontier::default(), GENESIS));
            }
            let hash = db.one(
                "SELECT hash FROM journal WHERE seq = ?1",
                &[size.into()],
                |row| row.get(0),
            )?;
            let hash =
                hash.ok_or_else(|| db.damaged(format!("the journal's record {size} is missing")))?;
            Ok((tile::tree(db, size)?, hash))
        })
    }

    fn record_and_path(&self, seq: u64, size: u64) -> Result<(Vec<u8>, Vec<TreeHash>), StoreError> {
        self.snapshot(|db| {
            let record = db.one(
                "SELECT record FROM journal WHERE seq = ?1",
                &[seq.into()],
                |row| row.get(0),
            )?;
            let record = record
                .ok_or_else(|| db.damaged(format!("the journal's record {seq} is missing")))?;
            let mut source = Source(db);
            let path = inclusion_path(&mut Tiles::new(&mut source, size), seq - 1, size)?;
            Ok((record, path))
        })
    }

    fn consistency(&self, from: u64, to: u64) -> Result<Vec<TreeHash>, StoreError> {
        self.snapshot(|db| {
            let mut source = Source(db);
            consistency_path(&mut Tiles::new(&mut source, to), from, to)
        })
    }
}

/// The comparison of tiles, keys, checkpoints and time-stamps with the journal.
#[derive(Debug, Default)]
pub(super) struct JournalAudit {
    tiles: TileAudit,
    keys: u64,
    checkpoints: u64,
    stamps: u64,
}

impl AreaAudit for JournalAudit {
    fn compare(&mut self, _db: &mut dyn Database, _entry: &Entry) -> Outcome {
        Ok(None)
    }

    fn compare_row(&mut self, db: &mut dyn Database, row: &JournalRow, entry: &Entry) -> Outcome {
        if let Some(wrong) = self.tiles.record(db, &row.record)? {
            return Ok(Some(wrong));
        }
        let EntryBody::Audit(entry) = &entry.body else {
            return Ok(None);
        };
        let octets = |text: &str| STANDARD.decode(text).unwrap_or_default();
        let (same, what) = match entry {
            AuditEntry::JournalKey {
                origin,
                spki,
                location,
                handover: how,
            } => {
                self.keys += 1;
                let same = db.one(
                    "SELECT origin, spki, location, handover FROM journal_key WHERE seq = ?1",
                    &[row.seq.into()],
                    |row| {
                        Ok(row.text(0)? == Some(origin)
                            && row.bytes(1)? == Some(octets(spki).as_slice())
                            && row.text(2)? == Some(location)
                            && row.integer(3)? == Some(handover(*how)))
                    },
                )?;
                (same, "the journal key that it names")
            }
            AuditEntry::Checkpoint { size, note, .. } => {
                self.checkpoints += 1;
                let same = db.one(
                    "SELECT seq, note FROM checkpoint WHERE size = ?1",
                    &[(*size).into()],
                    |found| {
                        Ok(found.get::<Option<u64>>(0)? == Some(row.seq)
                            && found.text(1)? == Some(note))
                    },
                )?;
                (same, "its checkpoint")
            }
            AuditEntry::CheckpointTimeStamp {
                size, time, token, ..
            } => {
                self.stamps += 1;
                let same = db.one(
                    "SELECT size, stamped_at, token FROM checkpoint_time_stamp WHERE seq = ?1",
                    &[row.seq.into()],
                    |row| {
                        Ok(row.get::<Option<u64>>(0)? == Some(*size)
                            && row.get::<pki_asn1::UnixTime>(1)?.to_string() == *time
                            && row.bytes(2)? == Some(octets(token).as_slice()))
                    },
                )?;
                (same, "its time-stamp")
            }
        };
        Ok(unless(same == Some(true), || {
            format!("{what} is missing in the tables or was changed")
        }))
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            self.tiles.count(),
            (
                "journal keys",
                "SELECT count(*) FROM journal_key",
                self.keys,
            ),
            (
                "checkpoints",
                "SELECT count(*) FROM checkpoint",
                self.checkpoints,
            ),
            (
                "time-stamps of checkpoints",
                "SELECT count(*) FROM checkpoint_time_stamp",
                self.stamps,
            ),
        ]
    }
}
