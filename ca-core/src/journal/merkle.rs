//! The Merkle tree over the journal (RFC 9162 section 2.1, the same as RFC 6962 section 2.1) with
//! SHA-256: leaf *i* is record *i* + 1, its bytes as they are hashed into the chain.
//!
//! ```text
//! leaf(d)    = SHA-256(0x00 || d)
//! node(l, r) = SHA-256(0x01 || l || r)
//! ```

use core::ops::Range;

use pki_crypto::{DigestAlgorithm, Hasher};

/// A hash of the tree.
pub type TreeHash = [u8; 32];

/// The hash of one record as a leaf.
#[must_use]
pub fn leaf_hash(record: &[u8]) -> TreeHash {
    let mut hasher = DigestAlgorithm::Sha256.hasher();
    hasher.update(&[0]);
    hasher.update(record);
    finish(hasher)
}

/// The hash over two subtrees.
#[must_use]
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    let mut hasher = DigestAlgorithm::Sha256.hasher();
    hasher.update(&[1]);
    hasher.update(left);
    hasher.update(right);
    finish(hasher)
}

/// The root of the empty tree: the hash of nothing.
#[must_use]
pub fn empty_root() -> TreeHash {
    finish(DigestAlgorithm::Sha256.hasher())
}

fn finish(hasher: Hasher) -> TreeHash {
    let mut out = TreeHash::default();
    out.copy_from_slice(hasher.finish().as_bytes());
    out
}

/// A tree of which only the roots of its perfect subtrees are kept, largest first: one for each bit of
/// the size. Enough to append and to know the root; at most 64 hashes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<TreeHash>,
}

impl Frontier {
    /// The tree of `size` leaves with these roots, largest first. `None` unless there is one root for
    /// each bit of `size`.
    #[must_use]
    pub fn from_peaks(size: u64, peaks: Vec<TreeHash>) -> Option<Self> {
        (size.count_ones() as usize == peaks.len()).then_some(Self { size, peaks })
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: TreeHash) {
        let mut hash = leaf;
        let mut merged = self.size;
        while merged & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
            merged >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect subtrees, largest first.
    #[must_use]
    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    /// The root of the whole.
    #[must_use]
    pub fn root(&self) -> TreeHash {
        let mut from_the_right = self.peaks.iter().rev().copied();
        match from_the_right.next() {
            None => empty_root(),
            Some(last) => from_the_right.fold(last, |right, left| node_hash(&left, &right)),
        }
    }
}

/// A perfect subtree: the leaves `index << level .. (index + 1) << level`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Subtree {
    /// 0 for a leaf.
    pub level: u8,
    /// Its place among the subtrees of its level.
    pub index: u64,
}

/// Knows the hashes of perfect subtrees.
pub trait Nodes {
    /// Why a hash cannot be had.
    type Error;

    /// The hash of a perfect subtree that lies inside the tree.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn subtree(&mut self, subtree: Subtree) -> Result<TreeHash, Self::Error>;
}

/// The perfect subtrees of a tree of `size` leaves, largest first.
#[must_use]
pub fn peaks(size: u64) -> Vec<Subtree> {
    let mut found = Vec::new();
    let mut start = 0;
    for level in (0..64_u8).rev() {
        if size >> level & 1 == 1 {
            found.push(Subtree {
                level,
                index: start >> level,
            });
            start += 1 << level;
        }
    }
    found
}

/// The frontier of the first `size` leaves.
///
/// # Errors
/// Where a hash cannot be read.
pub fn frontier<N: Nodes>(nodes: &mut N, size: u64) -> Result<Frontier, N::Error> {
    let peaks = peaks(size)
        .into_iter()
        .map(|subtree| nodes.subtree(subtree))
        .collect::<Result<_, _>>()?;
    Ok(Frontier { size, peaks })
}

/// The inclusion proof of leaf `index` in the tree of `size` leaves, from the leaf up (RFC 9162
/// section 2.1.3.1). Empty where there is no such leaf.
///
/// # Errors
/// Where a hash cannot be read.
pub fn inclusion_path<N: Nodes>(
    nodes: &mut N,
    index: u64,
    size: u64,
) -> Result<Vec<TreeHash>, N::Error> {
    let mut siblings = Vec::new();
    let mut tree = 0..size;
    while index < size && tree.end - tree.start > 1 {
        let middle = middle(&tree);
        if index < middle {
            siblings.push(middle..tree.end);
            tree.end = middle;
        } else {
            siblings.push(tree.start..middle);
            tree.start = middle;
        }
    }
    siblings.iter().rev().map(|r| range(nodes, r)).collect()
}

/// The proof that the tree of `from` leaves is the beginning of the one of `to` leaves (RFC 9162
/// section 2.1.4.1). Empty where there is nothing to prove: `from` is 0 or not smaller than `to`.
///
/// # Errors
/// Where a hash cannot be read.
pub fn consistency_path<N: Nodes>(
    nodes: &mut N,
    from: u64,
    to: u64,
) -> Result<Vec<TreeHash>, N::Error> {
    if from == 0 || from >= to {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    let mut tree = 0..to;
    // Going down until the old tree ends where this one does.
    while tree.end != from {
        let middle = middle(&tree);
        if from <= middle {
            parts.push(middle..tree.end);
            tree.end = middle;
        } else {
            parts.push(tree.start..middle);
            tree.start = middle;
        }
    }
    // The old tree's own root is known to who asks.
    if tree.start != 0 {
        parts.push(tree);
    }
    parts.iter().rev().map(|r| range(nodes, r)).collect()
}

/// Where a tree of more than one leaf is cut: after the largest power of two smaller than its size.
fn middle(tree: &Range<u64>) -> u64 {
    let size = tree.end - tree.start;
    tree.start + (1 << (u64::BITS - 1 - (size - 1).leading_zeros()))
}

/// The hash over a range of leaves that [`middle`] cut out.
fn range<N: Nodes>(nodes: &mut N, leaves: &Range<u64>) -> Result<TreeHash, N::Error> {
    let size = leaves.end - leaves.start;
    if size.is_power_of_two() {
        let level = size.trailing_zeros() as u8;
        let index = leaves.start >> level;
        return nodes.subtree(Subtree { level, index });
    }
    let middle = middle(leaves);
    let left = range(nodes, &(leaves.start..middle))?;
    let right = range(nodes, &(middle..leaves.end))?;
    Ok(node_hash(&left, &right))
}

/// Whether `path` proves that `leaf` is leaf `index` of the tree with this size and root (RFC 9162
/// section 2.1.3.2).
#[must_use]
pub fn inclusion_holds(
    leaf: &TreeHash,
    index: u64,
    size: u64,
    path: &[TreeHash],
    root: &TreeHash,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree `(from, from_root)` is the beginning of `(to, to_root)` (RFC
/// 9162 section 2.1.4.2).
#[must_use]
pub fn consistency_holds(
    (from, from_root): (u64, &TreeHash),
    (to, to_root): (u64, &TreeHash),
    path: &[TreeHash],
) -> bool {
    if from == 0 || from > to {
        // Everything begins with nothing; but nothing has one root only.
        return from == 0 && path.is_empty() && *from_root == empty_root();
    }
    if from == to {
        return path.is_empty() && from_root == to_root;
    }
    let mut rest = path.iter();
    // A perfect old tree is a node of the new one: its root is where the proof begins.
    let first = if from.is_power_of_two() {
        Some(from_root)
    } else {
        rest.next()
    };
    let Some(first) = first else {
        return false;
    };
    let (mut at, mut last) = (from - 1, to - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *from_root && new == *to_root
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// The definition, word for word (RFC 9162 section 2.1.1).
    fn mth(leaves: &[Vec<u8>]) -> TreeHash {
        match leaves.len() {
            0 => empty_root(),
            1 => leaf_hash(&leaves[0]),
            n => {
                let mut k = 1;
                while k * 2 < n {
                    k *= 2;
                }
                node_hash(&mth(&leaves[..k]), &mth(&leaves[k..]))
            }
        }
    }

    struct Leaves(Vec<Vec<u8>>);

    impl Nodes for Leaves {
        type Error = Infallible;
        fn subtree(&mut self, s: Subtree) -> Result<TreeHash, Infallible> {
            let first = (s.index << s.level) as usize;
            Ok(mth(&self.0[first..first + (1 << s.level)]))
        }
    }

    fn hex(hash: &TreeHash) -> String {
        hex::encode(hash)
    }

    /// The leaves of Certificate Transparency's reference tests.
    fn published() -> Vec<Vec<u8>> {
        [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        .map(|text| hex::decode(text).unwrap())
        .to_vec()
    }

    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_the_published_ones() {
        let leaves = published();
        let mut tree = Frontier::default();
        assert_eq!(hex(&tree.root()), ROOTS[0]);
        for (leaf, root) in leaves.iter().zip(&ROOTS[1..]) {
            tree.push(leaf_hash(leaf));
            assert_eq!(hex(&tree.root()), *root);
        }
    }

    #[test]
    fn proofs_are_the_published_ones() {
        let mut leaves = Leaves(published());
        // Leaf, tree size, path.
        let inclusion: [(u64, u64, &[&str]); 5] = [
            (0, 1, &[]),
            (
                0,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                5,
                8,
                &[
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (
                2,
                3,
                &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
            ),
            (
                1,
                5,
                &[
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ];
        for (index, size, expected) in inclusion {
            let path = inclusion_path(&mut leaves, index, size).unwrap();
            assert_eq!(path.iter().map(hex).collect::<Vec<_>>(), expected);
        }
        let consistency: [(u64, u64, &[&str]); 3] = [
            (1, 1, &[]),
            (
                1,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                &[
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
        ];
        for (from, to, expected) in consistency {
            let path = consistency_path(&mut leaves, from, to).unwrap();
            assert_eq!(path.iter().map(hex).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn every_proof_of_every_small_tree_holds_and_no_altered_one() {
        const MAX: u64 = 40;
        let all: Vec<Vec<u8>> = (0..MAX).map(|n| vec![n as u8; n as usize % 5]).collect();
        let mut leaves = Leaves(all.clone());
        let root = |size: u64| mth(&all[..size as usize]);
        for size in 1..=MAX {
            for index in 0..size {
                let path = inclusion_path(&mut leaves, index, size).unwrap();
                let leaf = leaf_hash(&all[index as usize]);
                assert!(inclusion_holds(&leaf, index, size, &path, &root(size)));
                assert!(!inclusion_holds(&leaf, size, size, &path, &root(size)));
                assert!(!inclusion_holds(&leaf, index, size, &path, &root(size - 1)));
                for changed in 0..path.len() {
                    let mut other = path.clone();
                    other[changed][7] ^= 1;
                    assert!(!inclusion_holds(&leaf, index, size, &other, &root(size)));
                    other.remove(changed);
                    assert!(!inclusion_holds(&leaf, index, size, &other, &root(size)));
                }
                let mut longer = path.clone();
                longer.push(leaf);
                assert!(!inclusion_holds(&leaf, index, size, &longer, &root(size)));
            }
            for from in 0..=size {
                let path = consistency_path(&mut leaves, from, size).unwrap();
                let (old, new) = (root(from), root(size));
                assert!(consistency_holds((from, &old), (size, &new), &path));
                let wrong = node_hash(&old, &new);
                assert!(!consistency_holds((from, &wrong), (size, &new), &path));
                if from > 0 {
                    assert!(!consistency_holds((from, &old), (size, &wrong), &path));
                }
                for changed in 0..path.len() {
                    let mut other = path.clone();
                    other[changed][31] ^= 0x80;
                    assert!(!consistency_holds((from, &old), (size, &new), &other));
                }
                let mut longer = path.clone();
                longer.push(old);
                assert!(!consistency_holds((from, &old), (size, &new), &longer));
            }
        }
    }

    proptest! {
        #[test]
        fn a_frontier_has_the_root_of_the_definition(sizes in proptest::collection::vec(0_usize..20, 0..70)) {
            let leaves: Vec<Vec<u8>> = sizes.iter().enumerate().map(|(n, size)| vec![n as u8; *size]).collect();
            let mut tree = Frontier::default();
            for leaf in &leaves {
                tree.push(leaf_hash(leaf));
            }
            prop_assert_eq!(tree.root(), mth(&leaves));
            let size = tree.size();
            prop_assert_eq!(&frontier(&mut Leaves(leaves), size).unwrap(), &tree);
            prop_assert_eq!(Frontier::from_peaks(size, tree.peaks().to_vec()).unwrap(), tree);
        }

        #[test]
        fn a_strangers_proof_neither_panics_nor_holds(
            (index, size, to) in (any::<u64>(), any::<u64>(), any::<u64>()),
            path in proptest::collection::vec(any::<[u8; 32]>(), 0..80),
            (leaf, root) in (any::<[u8; 32]>(), any::<[u8; 32]>()),
        ) {
            prop_assert!(!inclusion_holds(&leaf, index, size, &path, &root));
            prop_assert!(!consistency_holds((size, &leaf), (to, &root), &path));
        }
    }
}
