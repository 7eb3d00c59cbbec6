//! The records that the audit of the journal adds to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::store::AuditAct;

/// How a new journal key comes to be believed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handover {
    /// It is the first, or the one before it signs the next checkpoint, which covers this record.
    Signed,
    /// The one before it is lost: people have to be told the new one.
    PredecessorLost,
}

/// An audit record.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum AuditEntry {
    /// A key that signs checkpoints from now on.
    JournalKey {
        /// What checkpoints call the journal.
        origin: String,
        /// DER `SubjectPublicKeyInfo`, base64.
        spki: String,
        /// Where the private key is.
        location: String,
        handover: Handover,
    },
    /// A checkpoint was signed.
    Checkpoint {
        size: u64,
        /// Hexadecimal.
        root: String,
        /// The signed note.
        note: String,
    },
    /// A time-stamping authority confirmed the latest checkpoint.
    CheckpointTimeStamp {
        /// Its size.
        size: u64,
        /// SHA-256 of its note, hexadecimal.
        note_sha256: String,
        /// The token's genTime.
        time: String,
        /// The RFC 3161 token (DER `ContentInfo`), base64.
        token: String,
    },
}

impl From<&AuditAct> for AuditEntry {
    fn from(act: &AuditAct) -> Self {
        match act {
            AuditAct::JournalKey(key) => Self::JournalKey {
                origin: key.origin.clone(),
                spki: STANDARD.encode(&key.spki),
                location: key.location.clone(),
                handover: key.handover,
            },
            AuditAct::Checkpoint(signed) => Self::Checkpoint {
                size: signed.checkpoint().size,
                root: hex::encode(signed.checkpoint().root),
                note: signed.note().to_owned(),
            },
            AuditAct::TimeStamp(stamp) => Self::CheckpointTimeStamp {
                size: stamp.size,
                note_sha256: hex::encode(stamp.note_sha256),
                time: stamp.time.to_string(),
                token: STANDARD.encode(&stamp.token),
            },
        }
    }
}

impl AuditEntry {
    /// Reads an audit record; `Ok(None)` where the record is of another kind. Records of other kinds
    /// are told apart without reading them, as there are many.
    pub(crate) fn read(record: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        const KINDS: [&[u8]; 2] = [b"\"type\":\"checkpoint", b"\"type\":\"journal-key"];
        if !KINDS.iter().any(|kind| contains(record, kind)) {
            return Ok(None);
        }
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(rename = "type", borrow)]
            name: std::borrow::Cow<'a, str>,
        }
        let kind: Kind<'_> = serde_json::from_slice(record)?;
        match kind.name.as_ref() {
            "journal-key" | "checkpoint" | "checkpoint-time-stamp" => {
                serde_json::from_slice(record).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Whether `needle` (which begins with a quote) is in `record`.
fn contains(record: &[u8], needle: &[u8]) -> bool {
    record.windows(needle.len()).any(|w| w == needle)
}
