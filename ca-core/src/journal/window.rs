//! The journal's recent states, for checkpoints that are recorded a little after the size they speak
//! of. Memory is constant.

use std::collections::VecDeque;

use super::merkle::{Frontier, TreeHash};
use super::{ChainHash, GENESIS};

/// How many records may come between a checkpoint's size and its own record: those that other
/// processes committed while it was being signed.
pub const MAX_LAG: u64 = 16_384;

/// Root and head at every size since the last checkpoint, or since [`MAX_LAG`] records ago.
#[derive(Clone, Debug)]
pub(super) struct Window {
    base: Frontier,
    base_head: ChainHash,
    recent: VecDeque<(TreeHash, ChainHash)>,
}

impl Window {
    /// Begins after the records of `tree`, the last of which has the hash `head`.
    pub(super) fn new(tree: Frontier, head: ChainHash) -> Self {
        Self {
            base: tree,
            base_head: head,
            recent: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, leaf: TreeHash, head: ChainHash) {
        if self.recent.len() as u64 > MAX_LAG {
            self.step();
        }
        self.recent.push_back((leaf, head));
    }

    /// How many records.
    pub(super) fn size(&self) -> u64 {
        self.base.size() + self.recent.len() as u64
    }

    /// Root and head at `size`; `None` where that is not in the window.
    pub(super) fn at(&self, size: u64) -> Option<(TreeHash, ChainHash)> {
        let count = usize::try_from(size.checked_sub(self.base.size())?).ok()?;
        if count > self.recent.len() {
            return None;
        }
        let mut tree = self.base.clone();
        let mut head = self.base_head;
        for (leaf, hash) in self.recent.iter().take(count) {
            tree.push(*leaf);
            head = *hash;
        }
        Some((tree.root(), head))
    }

    /// As [`Self::at`], and forgets what is before `size`; so that any number of checkpoints costs
    /// each record once.
    pub(super) fn advance(&mut self, size: u64) -> Option<(TreeHash, ChainHash)> {
        if size < self.base.size() || size > self.size() {
            return None;
        }
        while self.base.size() < size {
            self.step();
        }
        Some((self.base.root(), self.base_head))
    }

    fn step(&mut self) {
        if let Some((leaf, head)) = self.recent.pop_front() {
            self.base.push(leaf);
            self.base_head = head;
        }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new(Frontier::default(), GENESIS)
    }
}
