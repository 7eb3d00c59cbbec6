//! The token journal: what was stamped is on the disk before anybody has the token.
//!
//! An append-only file in segments ([`segment`]), whose records are chained by hashes ([`record`]).
//! One thread writes (`writer`); everything that came in while it waited for the disk goes there
//! with the next wait, so a thousand tokens cost no more waits than one. Where the journal cannot be
//! written, no token is released (EN 319 421 clause 7.12 wants the events of time-stamping recorded).

mod error;
pub mod record;
pub mod segment;
pub mod verify;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use self::error::JournalError;
pub use self::record::Entry;
use self::record::Record;
use self::segment::{End, Folder, Medium, Position};
pub use self::writer::{Journal, NotWritten};
use crate::clock::TimeSource;
use crate::instant::UtcInstant;

/// When a token may be released.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// When its record is on the disk: it survives a power cut.
    EachGroup,
    /// When the operating system has its record: it survives the death of the process. The disk has
    /// it after the interval at the latest.
    Interval(Duration),
}

/// Where and how the journal is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder, created where it is missing.
    pub folder: PathBuf,
    /// When a token may be released.
    pub durability: Durability,
    /// Octets after which a new segment begins. A new day (UTC) begins one too.
    pub segment_octets: u64,
}

impl Settings {
    /// Durable, in segments of 64 MiB.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            durability: Durability::EachGroup,
            segment_octets: 64 << 20,
        }
    }
}

/// What was found when a journal was opened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Found {
    /// genTime (before truncation) of the latest token in the last segment that has any.
    pub last_token: Option<UtcInstant>,
    /// Octets that a crash left behind the last record and that were cut off.
    pub torn: u64,
}

impl Journal {
    /// Opens a journal, or begins one, for this process alone. The last segment is checked; what a
    /// crash left behind its last whole record is cut off, as no token of it was released.
    ///
    /// # Errors
    /// [`JournalError`]; a record that was changed is an error, not something to be cut off.
    pub fn open(
        settings: &Settings,
        source: Arc<dyn TimeSource>,
    ) -> Result<(Self, Found), JournalError> {
        let folder = &settings.folder;
        let mut medium = Folder::lock(folder)?;
        let mut found = Found::default();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| JournalError::Io {
                action: "write the token journal",
                path,
                source,
            }
        };
        let segments = segment::list(folder)?;
        let mut current: Option<(End, PathBuf)> = None;
        for (first, path) in segments.into_iter().rev() {
            let (end, last_token) = read_segment(&path, first)?;
            if current.is_none() {
                found.torn += end.torn;
                if end.position.next > first {
                    current = Some((end, path));
                } else {
                    // Begun, and not even its own record was written. Its name would stand in the
                    // way of the records that come.
                    std::fs::remove_file(&path).map_err(failed(&path))?;
                }
            }
            found.last_token = last_token;
            if current.is_some() && found.last_token.is_some() {
                break;
            }
        }
        let (position, length) = match current {
            Some((end, path)) => {
                medium.resume(&path).map_err(failed(&path))?;
                if end.torn > 0 {
                    medium.cut(end.length).map_err(failed(&path))?;
                }
                (end.position, end.length)
            }
            None => (Position::START, 0),
        };
        let journal = Self::start(Box::new(medium), settings, source, position, length)
            .map_err(failed(folder))?;
        if found.torn > 0 {
            tracing::warn!(
                octets = found.torn,
                "the token journal ended in a torn record"
            );
            journal.note("recovered", &[("torn-octets", &found.torn.to_string())]);
        }
        Ok((journal, found))
    }
}

fn read_segment(path: &Path, first: u64) -> Result<(End, Option<UtcInstant>), JournalError> {
    let file = File::open(path).map_err(|error| segment::ReadError::from(error).of(path))?;
    let mut last = None;
    let mut visit = |record: &Record| {
        if record.event == "token" {
            last = last.max(UtcInstant::parse(&record.time));
        }
    };
    let end = segment::read(file, first, None, &mut visit).map_err(|error| error.of(path))?;
    Ok((end, last))
}
