//! Proofs in a file, schema `sceau.journal-proof/1`: that records are in the journal that a checkpoint
//! was signed for (inclusion), or that the journal of one checkpoint begins with that of an earlier
//! one (consistency). RFC 9162 sections 2.1.3 and 2.1.4.
//!
//! ```text
//! {"kind":"inclusion","schema":"sceau.journal-proof/1","checkpoint":"<note>",
//!  "records":[{"seq":17,"record":"<the record's bytes>","path":["<hex>",…]}]}
//! {"kind":"consistency","schema":"sceau.journal-proof/1","from":"<note>","to":"<note>","path":["<hex>",…]}
//! ```

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::error::CheckpointError;
use super::key::JournalKey;
use super::merkle::{TreeHash, consistency_holds, inclusion_holds, leaf_hash};

/// The schema's name.
pub const PROOF_SCHEMA: &str = "sceau.journal-proof/1";
/// Octets of a proof file at most.
pub const MAX_PROOF: u64 = 16 << 20;
/// Records in one proof at most.
pub const MAX_PROOF_RECORDS: usize = 1_000;
/// Hashes in a path at most: the height of the tallest tree, and one.
const MAX_PATH: usize = 65;

/// A proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Proof {
    /// These records are in the journal.
    Inclusion {
        /// In which.
        checkpoint: SignedCheckpoint,
        /// The records.
        records: Vec<ProvenRecord>,
    },
    /// The later journal begins with the earlier.
    Consistency {
        /// The earlier.
        from: SignedCheckpoint,
        /// The later.
        to: SignedCheckpoint,
        /// RFC 9162 section 2.1.4.1.
        path: Vec<TreeHash>,
    },
}

/// A record with the proof that it is in the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProvenRecord {
    /// Its number, from 1.
    pub seq: u64,
    /// Its bytes.
    pub record: String,
    /// RFC 9162 section 2.1.3.1, from the leaf up.
    pub path: Vec<TreeHash>,
}

/// What is wrong with a proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// It is not written as a proof.
    #[error("it is no proof: {0}")]
    Malformed(String),
    /// A checkpoint in it cannot be read.
    #[error("its checkpoint cannot be read")]
    Checkpoint(#[from] CheckpointError),
    /// A checkpoint in it is not signed by a key that was given.
    #[error("its checkpoint over {size} records is not signed by the journal key that was given")]
    Key {
        /// Which.
        size: u64,
    },
    /// It is for another checkpoint than the one that was given.
    #[error("it is for another checkpoint than the one over {size} records that was given")]
    OtherCheckpoint {
        /// The given one's.
        size: u64,
    },
    /// A record is not in the journal.
    #[error("it does not prove that this is record {seq} of the {size} that the checkpoint covers")]
    Record {
        /// Which.
        seq: u64,
        /// The checkpoint's.
        size: u64,
    },
    /// Its checkpoints are of two journals.
    #[error("its checkpoints are of two journals")]
    Origins,
    /// The one is not the beginning of the other.
    #[error("it does not prove that the first {from} of the {to} records are the same")]
    Consistency {
        /// The earlier size.
        from: u64,
        /// The later.
        to: u64,
    },
}

impl ProofError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Malformed(_) => "give the file that sceau-ca audit prove --out wrote, unchanged",
            Self::Checkpoint(e) => return e.hint(),
            Self::Key { .. } => {
                "give the key that signed it with --journal-key; if it is the right one, do not believe the proof"
            }
            Self::OtherCheckpoint { .. } => {
                "ask for a proof for your checkpoint (audit prove --size), or for a consistency proof between the two"
            }
            Self::Record { .. } | Self::Consistency { .. } | Self::Origins => {
                "do not believe it: ask its author how it was made"
            }
        };
        Some(text.to_owned())
    }
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum ProofFile {
    Inclusion {
        schema: String,
        checkpoint: String,
        records: Vec<RecordFile>,
    },
    Consistency {
        schema: String,
        from: String,
        to: String,
        path: Vec<String>,
    },
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RecordFile {
    seq: u64,
    record: String,
    path: Vec<String>,
}

impl Proof {
    /// The file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let schema = PROOF_SCHEMA.to_owned();
        let file = match self {
            Self::Inclusion {
                checkpoint,
                records,
            } => ProofFile::Inclusion {
                schema,
                checkpoint: checkpoint.note().to_owned(),
                records: records
                    .iter()
                    .map(|r| RecordFile {
                        seq: r.seq,
                        record: r.record.clone(),
                        path: r.path.iter().map(hex::encode).collect(),
                    })
                    .collect(),
            },
            Self::Consistency { from, to, path } => ProofFile::Consistency {
                schema,
                from: from.note().to_owned(),
                to: to.note().to_owned(),
                path: path.iter().map(hex::encode).collect(),
            },
        };
        // Strings and numbers always become JSON.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file. Nothing in it is checked yet: see [`Self::check`].
    ///
    /// # Errors
    /// [`ProofError::Malformed`] or [`ProofError::Checkpoint`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let bad = |why: &str| ProofError::Malformed(why.to_owned());
        if bytes.len() as u64 > MAX_PROOF {
            return Err(bad("it is longer than any proof"));
        }
        let file: ProofFile =
            serde_json::from_slice(bytes).map_err(|e| ProofError::Malformed(e.to_string()))?;
        let (ProofFile::Inclusion { schema, .. } | ProofFile::Consistency { schema, .. }) = &file;
        if schema != PROOF_SCHEMA {
            return Err(bad("its schema is another one"));
        }
        let note = |text: &str| SignedCheckpoint::parse(text.as_bytes());
        match file {
            ProofFile::Inclusion {
                checkpoint,
                records,
                ..
            } => {
                if records.is_empty() || records.len() > MAX_PROOF_RECORDS {
                    return Err(bad("it has no records, or more than any proof"));
                }
                let records = records
                    .into_iter()
                    .map(|r| {
                        Some(ProvenRecord {
                            seq: r.seq,
                            record: r.record,
                            path: hashes(&r.path)?,
                        })
                    })
                    .collect::<Option<_>>()
                    .ok_or_else(|| bad("a path is not of hashes"))?;
                Ok(Self::Inclusion {
                    checkpoint: note(&checkpoint)?,
                    records,
                })
            }
            ProofFile::Consistency { from, to, path, .. } => Ok(Self::Consistency {
                from: note(&from)?,
                to: note(&to)?,
                path: hashes(&path).ok_or_else(|| bad("its path is not of hashes"))?,
            }),
        }
    }

    /// Checks it against keys that are believed: signatures, then the path.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, keys: &[JournalKey]) -> Result<(), ProofError> {
        let signed = |c: &SignedCheckpoint| {
            if keys.iter().any(|key| c.is_signed_by(key)) {
                Ok(())
            } else {
                Err(ProofError::Key {
                    size: c.checkpoint().size,
                })
            }
        };
        match self {
            Self::Inclusion {
                checkpoint,
                records,
            } => {
                signed(checkpoint)?;
                let tree = checkpoint.checkpoint();
                let outside = records.iter().find(|r| !r.is_in(tree));
                outside.map_or(Ok(()), |r| {
                    Err(ProofError::Record {
                        seq: r.seq,
                        size: tree.size,
                    })
                })
            }
            Self::Consistency { from, to, path } => {
                signed(from)?;
                signed(to)?;
                let (old, new) = (from.checkpoint(), to.checkpoint());
                if old.origin != new.origin {
                    return Err(ProofError::Origins);
                }
                let holds = consistency_holds((old.size, &old.root), (new.size, &new.root), path);
                holds.then_some(()).ok_or(ProofError::Consistency {
                    from: old.size,
                    to: new.size,
                })
            }
        }
    }

    /// Checks that it speaks of `given`.
    ///
    /// # Errors
    /// [`ProofError::OtherCheckpoint`].
    pub fn is_for(&self, given: &Checkpoint) -> Result<(), ProofError> {
        let same = match self {
            Self::Inclusion { checkpoint, .. } => checkpoint.checkpoint() == given,
            Self::Consistency { from, to, .. } => {
                from.checkpoint() == given || to.checkpoint() == given
            }
        };
        same.then_some(())
            .ok_or(ProofError::OtherCheckpoint { size: given.size })
    }
}

impl ProvenRecord {
    fn is_in(&self, tree: &Checkpoint) -> bool {
        let leaf = leaf_hash(self.record.as_bytes());
        self.seq
            .checked_sub(1)
            .is_some_and(|index| inclusion_holds(&leaf, index, tree.size, &self.path, &tree.root))
    }
}

fn hashes(texts: &[String]) -> Option<Vec<TreeHash>> {
    if texts.len() > MAX_PATH {
        return None;
    }
    texts
        .iter()
        .map(|text| hex::decode(text).ok()?.try_into().ok())
        .collect()
}
