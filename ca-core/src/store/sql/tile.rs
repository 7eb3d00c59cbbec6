//! The tiles of the journal's Merkle tree: written by whoever appends a record that fills one, read
//! for roots and proofs.

use super::{Database, SqlError};
use crate::journal::merkle::{Frontier, TreeHash, frontier, leaf_hash};
use crate::journal::tile::{TILE_WIDTH, TileId, TileSource, Tiles, completed_by, perfect_root};

/// Stores the tiles that record `seq`, the last one, filled: one record in 256 fills one. Where a
/// record was begun by a version without tiles, the first one that is due brings the earlier ones
/// along.
pub(super) fn append(db: &mut dyn Database, seq: u64) -> Result<(), SqlError> {
    for due in completed_by(seq) {
        let last = db.one(
            "SELECT number FROM journal_tile WHERE level = ?1 ORDER BY number DESC LIMIT 1",
            &[due.level.into()],
            |row| row.get::<u64>(0),
        )?;
        for index in last.map_or(0, |last| last + 1)..=due.index {
            store(db, TileId { index, ..due })?;
        }
    }
    Ok(())
}

fn store(db: &mut dyn Database, id: TileId) -> Result<(), SqlError> {
    let hashes = Source(&mut *db).hashes(id)?;
    let root = perfect_root(&hashes).ok_or_else(|| damaged(db, id))?;
    db.execute(
        "INSERT INTO journal_tile (level, number, root, hashes) VALUES (?1, ?2, ?3, ?4)",
        &[
            id.level.into(),
            id.index.into(),
            (&root).into(),
            (&hashes.concat()).into(),
        ],
    )?;
    Ok(())
}

/// The tree over the first `size` records.
pub(super) fn tree(db: &mut dyn Database, size: u64) -> Result<Frontier, SqlError> {
    frontier(&mut Tiles::new(&mut Source(db), size), size)
}

/// The database as a source of tiles.
pub(super) struct Source<'a>(pub(super) &'a mut dyn Database);

impl Source<'_> {
    /// A full tile, stored or not.
    fn hashes(&mut self, id: TileId) -> Result<Vec<TreeHash>, SqlError> {
        if let Some(hashes) = self.tile(id)? {
            return Ok(hashes);
        }
        let first = id.index * TILE_WIDTH;
        match id.level.checked_sub(1) {
            None => self.leaves(first, TILE_WIDTH),
            Some(level) => {
                let below = TileId {
                    level,
                    index: first,
                };
                self.tile_roots(below, TILE_WIDTH)
            }
        }
    }
}

impl TileSource for Source<'_> {
    type Error = SqlError;

    fn tile(&mut self, id: TileId) -> Result<Option<Vec<TreeHash>>, SqlError> {
        let found = self.0.one(
            "SELECT hashes FROM journal_tile WHERE level = ?1 AND number = ?2",
            &[id.level.into(), id.index.into()],
            |row| {
                let bytes = row.bytes(0)?.unwrap_or_default();
                let (hashes, rest) = bytes.as_chunks::<32>();
                let whole = rest.is_empty() && hashes.len() as u64 == TILE_WIDTH;
                Ok(whole.then(|| hashes.to_vec()))
            },
        )?;
        match found {
            None => Ok(None),
            Some(None) => Err(self.damaged(id)),
            Some(hashes) => Ok(hashes),
        }
    }

    fn tile_roots(&mut self, first: TileId, count: u64) -> Result<Vec<TreeHash>, SqlError> {
        let roots = self.0.all(
            "SELECT root FROM journal_tile WHERE level = ?1 AND number >= ?2 AND number < ?3 \
             ORDER BY number",
            &[
                first.level.into(),
                first.index.into(),
                (first.index + count).into(),
            ],
            |row| row.get(0),
        )?;
        if roots.len() as u64 == count {
            return Ok(roots);
        }
        // Tiles of an older record that nobody has stored yet.
        (first.index..first.index + count)
            .map(|index| {
                let id = TileId { index, ..first };
                let hashes = self.hashes(id)?;
                perfect_root(&hashes).ok_or_else(|| self.damaged(id))
            })
            .collect()
    }

    fn leaves(&mut self, first: u64, count: u64) -> Result<Vec<TreeHash>, SqlError> {
        let leaves = self.0.all(
            "SELECT record FROM journal WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
            &[first.into(), (first + count).into()],
            |row| Ok(leaf_hash(row.bytes(0)?.unwrap_or_default())),
        )?;
        if leaves.len() as u64 != count {
            let what = format!(
                "of the records {} to {} some are missing",
                first + 1,
                first + count
            );
            return Err(self.0.damaged(what));
        }
        Ok(leaves)
    }

    fn damaged(&self, id: TileId) -> SqlError {
        damaged(self.0, id)
    }
}

fn damaged(db: &dyn Database, id: TileId) -> SqlError {
    let TileId { level, index } = id;
    db.damaged(format!(
        "the journal's tile {level}/{index} is not as it was written"
    ))
}

/// The comparison of the tiles with the journal.
#[derive(Debug, Default)]
pub(super) struct TileAudit {
    leaves: Vec<TreeHash>,
    /// Roots of full tiles that are not in a full tile above yet, by level.
    roots: Vec<Vec<TreeHash>>,
    seq: u64,
    tiles: u64,
}

impl TileAudit {
    /// What is wrong with the tiles that this record, the next one, fills.
    pub(super) fn record(
        &mut self,
        db: &mut dyn Database,
        record: &[u8],
    ) -> Result<Option<String>, SqlError> {
        self.seq += 1;
        self.leaves.push(leaf_hash(record));
        for id in completed_by(self.seq) {
            let level = usize::from(id.level);
            let hashes = match level.checked_sub(1) {
                None => core::mem::take(&mut self.leaves),
                Some(below) => self
                    .roots
                    .get_mut(below)
                    .map(core::mem::take)
                    .unwrap_or_default(),
            };
            let root = perfect_root(&hashes).unwrap_or_default();
            if self.roots.len() == level {
                self.roots.push(Vec::new());
            }
            if let Some(roots) = self.roots.get_mut(level) {
                roots.push(root);
            }
            self.tiles += 1;
            let same = db.one(
                "SELECT hashes, root FROM journal_tile WHERE level = ?1 AND number = ?2",
                &[id.level.into(), id.index.into()],
                |row| {
                    Ok(row.bytes(0)? == Some(hashes.concat().as_slice())
                        && row.bytes(1)? == Some(root.as_slice()))
                },
            )?;
            if same != Some(true) {
                return Ok(Some(format!(
                    "the journal's tile {}/{} is missing or was changed",
                    id.level, id.index
                )));
            }
        }
        Ok(None)
    }

    pub(super) fn count(&self) -> (&'static str, &'static str, u64) {
        (
            "tiles of the journal",
            "SELECT count(*) FROM journal_tile",
            self.tiles,
        )
    }
}
