//! Signed answers, kept while they are worth it.
//!
//! The cache is bounded and split into shards, each behind its own lock that is held for a look-up
//! and nothing else. An entry carries what it was made from: the state of the responder, the version
//! of the record and the status. Whether it may still be served is for the responder to decide.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ca_core::status::Status;
use http_service::{HeaderValue, http_date};
use hyper::body::Bytes;
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use crate::protocol::request::{CertIdRef, Parameters};
use crate::protocol::response::Window;

const SHARDS: usize = 64;
/// Longer serials are not ours, and not cached.
const MAX_SERIAL: usize = 24;

/// What an answer depends on, beside the record.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Key {
    authority: u32,
    signer: u8,
    algorithm: DigestAlgorithm,
    parameters: Parameters,
    len: u8,
    serial: [u8; MAX_SERIAL],
}

impl Key {
    /// The key of an answer to `cert_id` by the authority at this position, signed by the delegate at
    /// that one; `None` where the CertID cannot be of a certificate we issued.
    #[must_use]
    pub fn new(authority: usize, signer: u8, cert_id: &CertIdRef<'_>) -> Option<Self> {
        let mut serial = [0; MAX_SERIAL];
        serial
            .get_mut(..cert_id.serial.len())?
            .copy_from_slice(cert_id.serial);
        Some(Self {
            authority: u32::try_from(authority).ok()?,
            signer,
            algorithm: cert_id.algorithm?,
            parameters: cert_id.parameters,
            len: cert_id.serial.len() as u8,
            serial,
        })
    }
}

/// A signed answer with what HTTP says about it, rendered once.
#[derive(Debug)]
pub struct Signed {
    /// The `OCSPResponse` (DER).
    pub body: Bytes,
    /// The strong entity tag with its quotes: hex SHA-256 of the body (RFC 9919 section 6).
    pub etag: HeaderValue,
    /// producedAt.
    pub last_modified: HeaderValue,
    /// nextUpdate.
    pub expires: HeaderValue,
    /// When it was signed and how long it holds.
    pub window: Window,
    /// From then on a new one is signed.
    pub refresh_at: UnixTime,
    /// What it says.
    pub status: Status,
    /// The state of the responder it was made with.
    pub epoch: u64,
    /// The version of the record it is known to agree with.
    pub version: AtomicU64,
    /// Whether it is worth a place in the cache.
    pub keep: Keep,
    /// Cache-Control for this max-age, which is the same for a second.
    cache_control: RwLock<(i64, HeaderValue)>,
}

/// Whether an answer is worth a place in the cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keep {
    /// Until a new one is signed.
    Yes,
    /// A responder certificate signed it that another one has succeeded: any moment there is a new one.
    No,
}

impl Signed {
    /// Renders the parts that do not change.
    #[must_use]
    pub fn new(body: Vec<u8>, window: Window, status: Status, epoch: u64, version: u64) -> Self {
        let etag = format!("\"{}\"", DigestAlgorithm::Sha256.digest(&body).to_hex());
        Self {
            body: body.into(),
            etag: ascii(etag),
            last_modified: ascii(http_date(window.produced_at)),
            expires: ascii(http_date(window.next_update)),
            refresh_at: window.refresh_at(),
            window,
            status,
            epoch,
            version: AtomicU64::new(version),
            keep: Keep::Yes,
            cache_control: RwLock::new((-1, HeaderValue::from_static(""))),
        }
    }

    /// Cache-Control (RFC 9919 section 6): the answer may be kept and must not be changed on its way.
    #[must_use]
    pub fn cache_control(&self, now: UnixTime) -> HeaderValue {
        let max_age = self.max_age(now);
        {
            let made = self.cache_control.read();
            let made = made.unwrap_or_else(PoisonError::into_inner);
            if made.0 == max_age {
                return made.1.clone();
            }
        }
        let value = ascii(format!(
            "max-age={max_age}, public, no-transform, must-revalidate"
        ));
        let made = self.cache_control.write();
        *made.unwrap_or_else(PoisonError::into_inner) = (max_age, value.clone());
        value
    }

    /// Seconds an HTTP cache may keep it: until a new one will be signed, and always less than until
    /// nextUpdate (RFC 9919 section 6).
    #[must_use]
    pub fn max_age(&self, now: UnixTime) -> i64 {
        let until = if now < self.refresh_at {
            self.refresh_at
        } else {
            self.window.next_update
        };
        (until.since(now) - 1).max(0)
    }
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// A bounded map of signed answers.
#[derive(Debug)]
pub struct Cache {
    shards: Vec<RwLock<HashMap<Key, Arc<Signed>>>>,
    hasher: RandomState,
    per_shard: usize,
}

impl Cache {
    /// Room for about `entries` answers, of about one kilobyte each.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: RandomState::new(),
            per_shard: entries.div_ceil(SHARDS),
        }
    }

    /// The answer kept for `key`, whether it may be served or not.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Arc<Signed>> {
        self.shard(key)
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    /// Keeps an answer; where the shard is full another one goes: an outdated one if a few tries
    /// find one, else any.
    pub fn insert(&self, key: Key, signed: Arc<Signed>) {
        if self.per_shard == 0 || signed.keep == Keep::No {
            return;
        }
        let mut shard = self
            .shard(&key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.per_shard && !shard.contains_key(&key) {
            let version = signed.version.load(Ordering::Relaxed);
            let now = signed.window.produced_at;
            let outdated = |s: &Signed| {
                s.epoch != signed.epoch
                    || s.version.load(Ordering::Relaxed) != version
                    || now >= s.refresh_at
            };
            // The order of a HashMap with a random key is as good as a random choice.
            let victim = shard
                .iter()
                .take(8)
                .find(|(_, s)| outdated(s))
                .or_else(|| shard.iter().next())
                .map(|(k, _)| *k);
            if let Some(victim) = victim {
                shard.remove(&victim);
            }
        }
        shard.insert(key, signed);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for shard in &self.shards {
            shard
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
        }
    }

    /// How many answers are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|s| s.read().unwrap_or_else(PoisonError::into_inner).len())
            .sum()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, key: &Key) -> &RwLock<HashMap<Key, Arc<Signed>>> {
        let hash = self.hasher.hash_one(key);
        &self.shards[hash as usize % SHARDS]
    }
}
