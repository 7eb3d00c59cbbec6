//! What the record said of certificates asked about lately, for answers that must be signed each time:
//! those with a nonce, and those about several certificates.
//!
//! A status is used only while the version of the record that it was read at is the one seen last, like
//! an answer in the cache; so it costs neither a question to the record nor a look at its version.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{PoisonError, RwLock};

use ca_core::status::Status;

const SHARDS: usize = 64;
/// Longer serials are not ours.
const MAX_SERIAL: usize = 24;

/// A certificate, by the position of its authority and its serial number.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Key {
    authority: u32,
    len: u8,
    serial: [u8; MAX_SERIAL],
}

/// What a status was read at: the state of the responder and the version of the record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ReadAt {
    pub(crate) epoch: u64,
    pub(crate) version: u64,
}

type Shard = RwLock<HashMap<Key, (ReadAt, Status)>>;

/// A bounded map of statuses.
#[derive(Debug)]
pub(crate) struct Statuses {
    shards: Vec<Shard>,
    hasher: RandomState,
    per_shard: usize,
}

impl Statuses {
    /// Room for about `entries` statuses, of about a hundred octets each.
    pub(crate) fn new(entries: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: RandomState::new(),
            per_shard: entries.div_ceil(SHARDS),
        }
    }

    /// The status of a certificate, where it was read at the same moment.
    pub(crate) fn get(&self, authority: usize, serial: &[u8], now: ReadAt) -> Option<Status> {
        let key = Key::new(authority, serial)?;
        let shard = self.shard(&key);
        let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, status) = shard.get(&key)?;
        (*read_at == now).then_some(*status)
    }

    /// Keeps a status. A full shard begins anew: most of it is of an older version.
    pub(crate) fn insert(&self, authority: usize, serial: &[u8], read_at: ReadAt, status: Status) {
        let Some(key) = Key::new(authority, serial) else {
            return;
        };
        let shard = self.shard(&key);
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.per_shard && !shard.contains_key(&key) {
            shard.clear();
        }
        if self.per_shard > 0 {
            shard.insert(key, (read_at, status));
        }
    }

    fn shard(&self, key: &Key) -> &Shard {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }
}

impl Key {
    fn new(authority: usize, content: &[u8]) -> Option<Self> {
        let mut serial = [0; MAX_SERIAL];
        serial.get_mut(..content.len())?.copy_from_slice(content);
        Some(Self {
            authority: u32::try_from(authority).ok()?,
            len: content.len() as u8,
            serial,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_another_moment_is_not_used_and_the_map_is_bounded() {
        let statuses = Statuses::new(64);
        let at = |version| ReadAt { epoch: 1, version };
        statuses.insert(0, &[1], at(7), Status::Good);
        assert_eq!(statuses.get(0, &[1], at(7)), Some(Status::Good));
        for (authority, serial, now) in [
            (0, &[1][..], at(8)),
            (
                0,
                &[1],
                ReadAt {
                    epoch: 2,
                    version: 7,
                },
            ),
            (1, &[1], at(7)),
            (0, &[1, 0], at(7)),
            (0, &[0; 25], at(7)),
        ] {
            assert_eq!(statuses.get(authority, serial, now), None);
        }
        for n in 0..10_000_u32 {
            statuses.insert(0, &n.to_be_bytes(), at(7), Status::Good);
        }
        let kept: usize = statuses
            .shards
            .iter()
            .map(|s| s.read().unwrap().len())
            .sum();
        assert!(kept <= 64, "{kept}");
    }
}
