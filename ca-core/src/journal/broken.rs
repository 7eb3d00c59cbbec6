//! Where a journal is broken, and how.

use core::fmt;

/// Where the journal is broken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the journal is broken at record {seq}: {reason}")]
pub struct JournalBreak {
    /// The first record that does not fit.
    pub seq: u64,
    /// What is wrong with it.
    pub reason: BreakReason,
}

/// What is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BreakReason {
    /// Its number is not there.
    Missing,
    /// The hash it names as the one before it is not.
    DoesNotFollow,
    /// Its bytes or its hash were changed.
    Changed,
    /// It is no record of this program.
    NotARecord,
    /// Its line in the export is not written as this program writes it.
    Line,
    /// Its line in the export is longer than any record.
    LineTooLong,
    /// The export ends before it, without its last line.
    NoEnd,
    /// The export's last line speaks of other records.
    End,
    /// Something follows the export's last line.
    AfterEnd,
    /// An export does not continue where the one before it ended.
    NotContinued,
    /// A checkpoint covers records that are not there.
    CutOff {
        /// How many it covers.
        size: u64,
        /// Which checkpoint.
        checkpoint: String,
    },
    /// The records are not those that a checkpoint was signed for.
    NotThose {
        /// How many it covers.
        size: u64,
        /// Which checkpoint.
        checkpoint: String,
    },
    /// A checkpoint is about another journal.
    Origin {
        /// Which checkpoint.
        checkpoint: String,
    },
    /// A checkpoint that was given is not signed by a key that is believed.
    CheckpointKey {
        /// Which checkpoint.
        checkpoint: String,
    },
    /// A checkpoint that was given is about records before the first one here.
    CheckpointBefore {
        /// Which checkpoint.
        checkpoint: String,
    },
    /// The recorded checkpoint is not readable, or is not what its record says.
    CheckpointMalformed,
    /// The recorded checkpoint's signature is of no key that the journal names.
    CheckpointSignature,
    /// The recorded checkpoint covers no more than the one before it.
    CheckpointOrder,
    /// The recorded journal key is for another origin.
    KeyOrigin,
    /// There are more journal keys than any journal has.
    TooManyKeys,
    /// A time-stamp is not over the latest checkpoint.
    StampOrder,
    /// A time-stamp is wrong.
    Stamp(String),
    /// Keys were given, and no checkpoint is signed by any of them.
    NothingSigned,
}

impl fmt::Display for BreakReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Missing => "it is missing",
            Self::DoesNotFollow => "it does not follow the record before it",
            Self::Changed => "its content does not match its hash",
            Self::NotARecord => "it is not a record of this program",
            Self::Line => "its line is not as it was written",
            Self::LineTooLong => "its line is longer than any record",
            Self::NoEnd => "the export ends before it and lacks its last line, so it was cut off",
            Self::End => "the export's last line speaks of other records than these",
            Self::AfterEnd => "something follows the export's last line",
            Self::NotContinued => "the next export does not continue where the one before it ended",
            Self::CutOff { size, checkpoint } => {
                return write!(
                    f,
                    "it is missing: the checkpoint {checkpoint} covers {size} records"
                );
            }
            Self::NotThose { size, checkpoint } => {
                return write!(
                    f,
                    "the records from here to {size} are not those that the checkpoint {checkpoint} was signed for"
                );
            }
            Self::Origin { checkpoint } => {
                return write!(f, "the checkpoint {checkpoint} is one of another journal");
            }
            Self::CheckpointKey { checkpoint } => {
                return write!(
                    f,
                    "the checkpoint {checkpoint} is not signed by a journal key that is believed"
                );
            }
            Self::CheckpointBefore { checkpoint } => {
                return write!(
                    f,
                    "the checkpoint {checkpoint} is about records before the first one here"
                );
            }
            Self::CheckpointMalformed => "its checkpoint is not the one that was recorded",
            Self::CheckpointSignature => {
                "its checkpoint is not signed by a key that the journal names"
            }
            Self::CheckpointOrder => "its checkpoint covers no more than the one before it",
            Self::KeyOrigin => "its journal key is for another journal",
            Self::TooManyKeys => "there are more journal keys than any journal has",
            Self::StampOrder => "its time-stamp is not over the latest checkpoint",
            Self::Stamp(why) => return write!(f, "its time-stamp is wrong: {why}"),
            Self::NothingSigned => "no checkpoint in it is signed by a journal key that was given",
        };
        f.write_str(text)
    }
}

impl JournalBreak {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match &self.reason {
            BreakReason::NoEnd => {
                "export it again; if that is not possible, everything before this record was checked"
            }
            BreakReason::CutOff { .. } => {
                "ask for an export that goes at least as far as the checkpoint; records that were once signed must exist"
            }
            BreakReason::CheckpointKey { .. } | BreakReason::NothingSigned => {
                "give the key that signed it with --journal-key; if it is the right one, the journal was rewritten"
            }
            BreakReason::CheckpointBefore { .. } => {
                "verify the exports of the records before together with this one"
            }
            BreakReason::NotContinued => "give the exports in the order in which they were made",
            BreakReason::Origin { .. } => "give a checkpoint of this journal",
            BreakReason::Stamp(_) => {
                "if the authority is a good one, give its root certificate with --trust"
            }
            _ => {
                "someone changed it after it was written: compare with a backup or an earlier export"
            }
        };
        Some(text.to_owned())
    }
}
