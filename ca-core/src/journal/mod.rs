//! The journal: an append-only chain of records, one for each act of the CA, committed in the same
//! transaction as the act's effect. Changing, removing or reordering one byte of one record breaks
//! the chain there.
//!
//! `hash(n) = SHA-256("sceau.journal/1" || n as 8 octets big-endian || hash(n-1) || record(n))`, and
//! `hash(0)` is 32 zero octets. A record is one JSON object; its bytes are the canonical form.

mod broken;
mod checkpoint;
mod entry;
mod error;
mod export;
mod key;
pub(crate) mod merkle;
mod proof;
mod stamp;
pub(crate) mod tile;
mod verify;
mod window;

use pki_crypto::DigestAlgorithm;

pub use self::broken::{BreakReason, JournalBreak};
pub use self::checkpoint::{Checkpoint, MAX_NOTE, SignedCheckpoint, is_origin};
pub(crate) use self::entry::{
    AuditEntry, DECISIONS, DecisionEntry, Entry, EntryBody, HierarchyEntry, ImportEntry,
    ImportedEntry, ImportedRevocationEntry, IntentRegistrationEntry, MandateEntry, ProfileEntry,
    RegistrationEntry, StepEntry,
};
pub use self::entry::{Handover, encode};
pub use self::error::CheckpointError;
pub use self::export::{
    ExportEnd, ExportFault, ExportStart, ExportVerifier, MAX_LINE, SCHEMA, export_line, read_line,
};
pub use self::key::{JournalKey, MAX_KEY_FILE};
pub use self::merkle::{Frontier, TreeHash, leaf_hash};
pub use self::proof::{
    MAX_PROOF, MAX_PROOF_RECORDS, PROOF_SCHEMA, Proof, ProofError, ProvenRecord,
};
pub use self::stamp::{MAX_TOKEN, Stamp, TimeStampCheck};
pub use self::verify::{Checks, Covered, JournalReport, StampAuthority, TimeStamped, Verifier};
pub use self::window::MAX_LAG;

/// A hash of the chain.
pub type ChainHash = [u8; 32];

/// The hash before the first record.
pub const GENESIS: ChainHash = [0; 32];

const DOMAIN: &[u8] = b"sceau.journal/1";

/// One record as stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JournalRow {
    /// Its number, from 1 without gaps.
    pub seq: u64,
    /// The previous record's hash.
    pub prev: Vec<u8>,
    /// The record (UTF-8 JSON, these bytes are hashed).
    pub record: Vec<u8>,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl JournalRow {
    /// Room for a row.
    pub(crate) fn empty() -> Self {
        Self {
            seq: 0,
            prev: Vec::new(),
            record: Vec::new(),
            hash: Vec::new(),
        }
    }
}

/// The hash of record `seq` that follows `prev`.
#[must_use]
pub fn chain(seq: u64, prev: &ChainHash, record: &[u8]) -> ChainHash {
    let mut hasher = DigestAlgorithm::Sha256.hasher();
    hasher.update(DOMAIN);
    hasher.update(&seq.to_be_bytes());
    hasher.update(prev);
    hasher.update(record);
    let mut out = GENESIS;
    out.copy_from_slice(hasher.finish().as_bytes());
    out
}
