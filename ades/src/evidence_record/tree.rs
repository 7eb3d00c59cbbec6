//! Reduced hash trees (RFC 4998 section 4.2 and 4.3): from the hash of a data object to the root that was
//! time-stamped.

use pki_crypto::DigestAlgorithm;

use crate::text;
use crate::text::Text;

/// A reduced hash tree: lists of hashes, the first with those of the data objects.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HashTree {
    lists: Vec<Vec<Vec<u8>>>,
}

/// Why a tree has no root.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TreeError {
    /// There is no list, or one without hashes.
    #[error("the hash tree has an empty list")]
    Empty,
    /// A hash is of another length than the algorithm's, so that several trees could have the same root.
    #[error("the hash tree holds a hash that is not of {0}")]
    Length(DigestAlgorithm),
}

impl From<TreeError> for Text {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Empty => "the hash tree has an empty list".into(),
            TreeError::Length(algorithm) => {
                text!("the hash tree holds a hash that is not of {}", algorithm)
            }
        }
    }
}

impl HashTree {
    /// A tree with these lists, the first with the hashes of the data objects.
    #[must_use]
    pub fn new(lists: Vec<Vec<Vec<u8>>>) -> Self {
        Self { lists }
    }

    /// The hashes of the first list: of data objects, or of what a renewal is over.
    #[must_use]
    pub fn leaves(&self) -> &[Vec<u8>] {
        self.lists.first().map_or(&[], Vec::as_slice)
    }

    /// How many lists there are.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.lists.len()
    }

    /// The root (section 4.3): the hash of a list's hashes in binary ascending order goes into the next
    /// list. A list of one hash stands for that hash.
    ///
    /// # Errors
    /// Where a list is empty or a hash of another length.
    pub fn root(&self, algorithm: DigestAlgorithm) -> Result<Vec<u8>, TreeError> {
        let mut below: Option<Vec<u8>> = None;
        for list in &self.lists {
            if list.is_empty() {
                return Err(TreeError::Empty);
            }
            if list.iter().any(|h| h.len() != algorithm.output_len()) {
                return Err(TreeError::Length(algorithm));
            }
            let mut hashes: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
            hashes.extend(below.as_deref());
            hashes.sort_unstable();
            below = Some(match hashes.as_slice() {
                [one] => one.to_vec(),
                several => {
                    let mut hasher = algorithm.hasher();
                    several.iter().for_each(|hash| hasher.update(hash));
                    hasher.finish().as_bytes().to_vec()
                }
            });
        }
        below.ok_or(TreeError::Empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;

    fn hash(of: &[u8]) -> Vec<u8> {
        SHA256.digest(of).as_bytes().to_vec()
    }

    fn pair(a: &[u8], b: &[u8]) -> Vec<u8> {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        hash(&[low, high].concat())
    }

    /// The example of RFC 4998 section 4.2: three data objects of which the second and third are a group.
    #[test]
    fn the_order_of_hashes_in_a_list_does_not_matter() {
        let (h1, h2, h3) = (hash(b"1"), hash(b"2"), hash(b"3"));
        let root = pair(&h1, &pair(&h2, &h3));
        for lists in [
            vec![vec![h2.clone(), h3.clone()], vec![h1.clone()]],
            vec![vec![h3.clone(), h2.clone()], vec![h1.clone()]],
            vec![vec![h1.clone()], vec![pair(&h2, &h3)]],
        ] {
            assert_eq!(HashTree::new(lists).root(SHA256).unwrap(), root);
        }
    }

    #[test]
    fn a_hash_of_another_length_shifts_no_boundary() {
        let (a, b) = (hash(b"a"), hash(b"b"));
        let mut whole = [a.clone(), b.clone()];
        whole.sort();
        let joined = whole.concat();
        let shifted = vec![joined[..31].to_vec(), joined[31..].to_vec()];
        let tree = HashTree::new(vec![shifted]);
        assert_eq!(tree.root(SHA256), Err(TreeError::Length(SHA256)));
        assert_eq!(HashTree::default().root(SHA256), Err(TreeError::Empty));
        let empty = HashTree::new(vec![vec![a], vec![]]);
        assert_eq!(empty.root(SHA256), Err(TreeError::Empty));
    }

    proptest! {
        #[test]
        fn any_other_bit_in_a_tree_has_another_root(
            sizes in prop::collection::vec(1usize..5, 1..6), list: prop::sample::Index,
            place: prop::sample::Index, bit in 0usize..256,
        ) {
            let mut number = 0u32;
            let mut lists: Vec<Vec<Vec<u8>>> = Vec::new();
            for size in sizes {
                lists.push((0..size).map(|_| { number += 1; hash(&number.to_be_bytes()) }).collect());
            }
            let root = HashTree::new(lists.clone()).root(SHA256).unwrap();
            let list = list.get(&lists).clone();
            let at = lists.iter().position(|l| *l == list).unwrap();
            let place = place.index(list.len());
            lists[at][place][bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(HashTree::new(lists).root(SHA256).unwrap(), root);
        }
    }
}
