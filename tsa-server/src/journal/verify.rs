//! Checking a whole journal (`sceau-tsa --config F --verify-journal`). Reads only, so it may run beside
//! the service.

use std::fmt;
use std::fs::File;
use std::path::Path;

use super::error::JournalError;
use super::record::Chain;
use super::segment::{self, Position, ReadError};

/// What a journal holds whose chain is whole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// Files.
    pub segments: u64,
    /// Records, tokens among them.
    pub records: u64,
    /// Tokens.
    pub tokens: u64,
    /// When the first and the last record were made.
    pub period: Option<(String, String)>,
    /// The chain after the last record: whoever kept it knows later that nothing before it changed.
    pub chain: Chain,
    /// Octets behind the last record that are none: a record being written now, or what a crash left.
    pub torn: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "the chain is whole: {} records in {} files, {} tokens",
            self.records, self.segments, self.tokens
        )?;
        if let Some((first, last)) = &self.period {
            writeln!(f, "from {first} to {last}")?;
        }
        if self.torn > 0 {
            writeln!(
                f,
                "{} octets behind the last record: one that is being written, or was when the service died",
                self.torn
            )?;
        }
        write!(f, "last chain value: {}", self.chain)
    }
}

/// Reads every segment and checks every record against the one before.
///
/// # Errors
/// [`JournalError::Broken`] or [`JournalError::Missing`] with the first record that is not what was
/// written; I/O.
pub fn verify(folder: &Path) -> Result<Summary, JournalError> {
    let segments = segment::list(folder)?;
    let mut summary = Summary::default();
    let mut position = Position::START;
    let last = segments.len().saturating_sub(1);
    for (at, (first, path)) in segments.into_iter().enumerate() {
        if first != position.next {
            return Err(JournalError::Missing {
                path,
                record: position.next,
            });
        }
        let failed = |error: ReadError| error.of(&path);
        let file = File::open(&path).map_err(|error| failed(error.into()))?;
        let mut visit = |record: &super::record::Record| {
            summary.records += 1;
            summary.tokens += u64::from(record.event == "token");
            let begin = summary.period.take().map(|(begin, _)| begin);
            let begin = begin.unwrap_or_else(|| record.time.clone());
            summary.period = Some((begin, record.time.clone()));
        };
        let end = segment::read(file, first, Some(position.chain), &mut visit).map_err(failed)?;
        // Only the last one can end in a record that is being written.
        if end.torn > 0 && at < last {
            return Err(ReadError::Line {
                line: end.position.next - first + 1,
                record: end.position.next,
                fault: super::record::LineFault::Incomplete,
            }
            .of(&path));
        }
        summary.segments += 1;
        summary.torn = end.torn;
        position = end.position;
    }
    summary.chain = position.chain;
    Ok(summary)
}
