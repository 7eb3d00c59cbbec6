//! The journal's own protection: its key, its checkpoints, their time-stamps.

use pki_asn1::UnixTime;

use crate::journal::{Handover, SignedCheckpoint};

/// An act of the audit.
#[derive(Clone, Debug)]
pub enum AuditAct {
    /// A key signs checkpoints from now on.
    JournalKey(NewJournalKey),
    /// A checkpoint was signed.
    Checkpoint(SignedCheckpoint),
    /// The latest checkpoint was time-stamped.
    TimeStamp(CheckpointStamp),
}

/// A journal key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewJournalKey {
    /// What checkpoints call the journal; the same for all its keys.
    pub origin: String,
    /// DER `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
    /// Where the private key is.
    pub location: String,
    /// How it comes to be believed.
    pub handover: Handover,
}

/// A time-stamp over a checkpoint's note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CheckpointStamp {
    /// The checkpoint's size.
    pub size: u64,
    /// SHA-256 of its note.
    pub note_sha256: [u8; 32],
    /// genTime.
    pub time: UnixTime,
    /// The token (DER `ContentInfo`).
    pub token: Vec<u8>,
}
