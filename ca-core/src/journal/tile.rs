//! The stored part of the Merkle tree: tiles of 256 hashes, each written once when it is full (as in
//! C2SP tlog-tiles, tile height 8). What is not yet in a full tile is computed from at most 255
//! records, or from the roots of at most 255 tiles one level below; so a root or a proof costs
//! O(log n) reads.

use std::collections::HashMap;

use super::merkle::{Nodes, Subtree, TreeHash, node_hash};

/// Hashes in a tile.
pub const TILE_WIDTH: u64 = 256;
/// Levels of the tree in a tile.
const TILE_HEIGHT: u8 = 8;

/// A tile: the hashes of the tree's level 8 × `level`, from number 256 × `index` on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TileId {
    /// 0 for leaves.
    pub level: u8,
    /// Its place among the tiles of its level.
    pub index: u64,
}

/// Where tiles and what is below them are read.
pub trait TileSource {
    /// Why something cannot be read.
    type Error;

    /// A full tile; `None` where it is not stored.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn tile(&mut self, id: TileId) -> Result<Option<Vec<TreeHash>>, Self::Error>;

    /// The roots of `count` full tiles from `first` on.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn tile_roots(&mut self, first: TileId, count: u64) -> Result<Vec<TreeHash>, Self::Error>;

    /// The leaf hashes of `count` records, the first of which is leaf `first`.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn leaves(&mut self, first: u64, count: u64) -> Result<Vec<TreeHash>, Self::Error>;

    /// The error for a tile that does not hold what it must.
    fn damaged(&self, id: TileId) -> Self::Error;
}

/// The nodes of a tree of a given size, out of tiles. Each tile is read once.
#[derive(Debug)]
pub struct Tiles<'a, S> {
    source: &'a mut S,
    size: u64,
    read: HashMap<TileId, Vec<TreeHash>>,
}

impl<'a, S: TileSource> Tiles<'a, S> {
    /// The tree of the first `size` records.
    pub fn new(source: &'a mut S, size: u64) -> Self {
        Self {
            source,
            size,
            read: HashMap::new(),
        }
    }

    fn read(&mut self, id: TileId) -> Result<&[TreeHash], S::Error> {
        if !self.read.contains_key(&id) {
            let hashes = self.load(id)?;
            self.read.insert(id, hashes);
        }
        Ok(self.read.get(&id).map_or(&[], Vec::as_slice))
    }

    fn load(&mut self, id: TileId) -> Result<Vec<TreeHash>, S::Error> {
        let first = id.index * TILE_WIDTH;
        let there = (self.size >> (TILE_HEIGHT * id.level)).saturating_sub(first);
        if there >= TILE_WIDTH
            && let Some(hashes) = self.source.tile(id)?
        {
            return Ok(hashes);
        }
        let count = there.min(TILE_WIDTH);
        match id.level.checked_sub(1) {
            None => self.source.leaves(first, count),
            Some(level) => {
                let below = TileId {
                    level,
                    index: first,
                };
                self.source.tile_roots(below, count)
            }
        }
    }
}

impl<S: TileSource> Nodes for Tiles<'_, S> {
    type Error = S::Error;

    fn subtree(&mut self, subtree: Subtree) -> Result<TreeHash, S::Error> {
        let inside = subtree.level % TILE_HEIGHT;
        let first = subtree.index << inside;
        let id = TileId {
            level: subtree.level / TILE_HEIGHT,
            index: first / TILE_WIDTH,
        };
        let from = (first % TILE_WIDTH) as usize;
        let found = self.read(id)?.get(from..from + (1 << inside));
        match found.and_then(perfect_root) {
            Some(hash) => Ok(hash),
            None => Err(self.source.damaged(id)),
        }
    }
}

/// The root over the hashes of a perfect subtree; `None` unless their number is a power of two.
#[must_use]
pub fn perfect_root(hashes: &[TreeHash]) -> Option<TreeHash> {
    match hashes {
        [one] => Some(*one),
        _ if hashes.len().is_power_of_two() => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            Some(node_hash(&perfect_root(left)?, &perfect_root(right)?))
        }
        _ => None,
    }
}

/// The tiles that are full once the tree has `size` leaves and were not with one leaf less, lowest
/// first.
pub fn completed_by(size: u64) -> impl Iterator<Item = TileId> {
    (0..7_u8).map_while(move |level| {
        let leaves = 1_u64 << (TILE_HEIGHT * (level + 1));
        (size > 0 && size.is_multiple_of(leaves)).then(|| TileId {
            level,
            index: size / leaves - 1,
        })
    })
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use super::*;
    use crate::journal::merkle::{
        Frontier, consistency_holds, consistency_path, frontier, inclusion_holds, inclusion_path,
        leaf_hash,
    };

    /// A journal whose tiles are written as it grows.
    #[derive(Default)]
    struct Log {
        leaves: Vec<TreeHash>,
        tiles: HashMap<TileId, Vec<TreeHash>>,
        records_read: u64,
    }

    impl TileSource for Log {
        type Error = Infallible;
        fn tile(&mut self, id: TileId) -> Result<Option<Vec<TreeHash>>, Infallible> {
            Ok(self.tiles.get(&id).cloned())
        }
        fn tile_roots(&mut self, first: TileId, count: u64) -> Result<Vec<TreeHash>, Infallible> {
            let root = |n| {
                let id = TileId {
                    level: first.level,
                    index: first.index + n,
                };
                perfect_root(&self.tiles[&id]).unwrap()
            };
            Ok((0..count).map(root).collect())
        }
        fn leaves(&mut self, first: u64, count: u64) -> Result<Vec<TreeHash>, Infallible> {
            self.records_read += count;
            Ok(self.leaves[first as usize..(first + count) as usize].to_vec())
        }
        fn damaged(&self, id: TileId) -> Infallible {
            unreachable!("{id:?}")
        }
    }

    impl Log {
        fn push(&mut self, leaf: TreeHash) {
            self.leaves.push(leaf);
            let size = self.leaves.len() as u64;
            for id in completed_by(size) {
                let hashes = match id.level {
                    0 => self.leaves[(size - TILE_WIDTH) as usize..].to_vec(),
                    level => {
                        let below = TileId {
                            level: level - 1,
                            index: id.index * TILE_WIDTH,
                        };
                        self.tile_roots(below, TILE_WIDTH).unwrap()
                    }
                };
                assert_eq!(hashes.len() as u64, TILE_WIDTH);
                self.tiles.insert(id, hashes);
            }
        }
    }

    #[test]
    fn roots_and_proofs_out_of_tiles_are_those_of_the_whole_tree() {
        let mut log = Log::default();
        let mut tree = Frontier::default();
        let mut roots = vec![tree.root()];
        for n in 0_u32..70_000 {
            let leaf = leaf_hash(&n.to_be_bytes());
            log.push(leaf);
            tree.push(leaf);
            roots.push(tree.root());
        }
        assert_eq!(log.tiles.len(), 273 + 1);
        let sizes = [
            1, 2, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 65_792, 70_000,
        ];
        for size in sizes {
            let found = frontier(&mut Tiles::new(&mut log, size), size).unwrap();
            assert_eq!(found.root(), roots[size as usize], "{size}");
            for index in [0, size / 3, size / 2, size - 1] {
                let path = inclusion_path(&mut Tiles::new(&mut log, size), index, size).unwrap();
                let leaf = log.leaves[index as usize];
                let root = &roots[size as usize];
                assert!(inclusion_holds(&leaf, index, size, &path, root));
            }
            for from in sizes.into_iter().filter(|from| *from <= size) {
                let path = consistency_path(&mut Tiles::new(&mut log, size), from, size).unwrap();
                let old = (from, &roots[from as usize]);
                assert!(consistency_holds(old, (size, &roots[size as usize]), &path));
            }
        }
    }

    #[test]
    fn a_root_reads_no_more_records_than_the_last_tile_lacks() {
        let mut log = Log::default();
        for n in 0_u32..66_000 {
            log.push(leaf_hash(&n.to_be_bytes()));
        }
        frontier(&mut Tiles::new(&mut log, 66_000), 66_000).unwrap();
        assert_eq!(log.records_read, 66_000 % TILE_WIDTH);
    }
}
