//! The files of a journal: `tokens-<number of the first record>.jsonl`, read and appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::error::JournalError;
use super::record::{Chain, FORMAT, LineFault, MAX_LINE, Record};

/// Where the next record goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Position {
    /// The number of the next record.
    pub next: u64,
    /// The chain of the record before.
    pub chain: Chain,
}

impl Position {
    /// An empty journal's.
    pub const START: Self = Self {
        next: 1,
        chain: Chain::ZERO,
    };
}

/// The segments of a folder in their order, with the number of each one's first record.
///
/// # Errors
/// Where the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>, JournalError> {
    let failed = |source| JournalError::Io {
        action: "read the token journal",
        path: folder.to_owned(),
        source,
    };
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let Some(first) = first_record(&path) {
            segments.push((first, path));
        }
    }
    segments.sort();
    Ok(segments)
}

fn first_record(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let digits = name.strip_prefix("tokens-")?.strip_suffix(".jsonl")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

fn path_of(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("tokens-{first:020}.jsonl"))
}

/// How a segment ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct End {
    /// After its last whole record.
    pub position: Position,
    /// Octets until there.
    pub length: u64,
    /// Octets behind it that are no record: a write that was cut short.
    pub torn: u64,
}

/// Reads a segment whose first record should be `position.next`, and calls `visit` for each record.
///
/// A line that is incomplete, or has octets that were never written, ends the segment: that is what a
/// crash leaves of records whose tokens were not released. Not so where a whole record follows: that may
/// be one whose token was released, and somebody may have spoilt the line to have the rest cut off. Where `position.chain` is not known, the
/// segment's own first record says what it was.
///
/// # Errors
/// The first line that is otherwise wrong, with its number, the record's and the fault.
pub fn read(
    from: impl io::Read,
    next: u64,
    chain: Option<Chain>,
    visit: &mut dyn FnMut(&Record),
) -> Result<End, ReadError> {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let mut line = Vec::with_capacity(512);
    let mut position = Position {
        next,
        chain: chain.unwrap_or_default(),
    };
    let mut length = 0;
    for number in 1.. {
        line.clear();
        let limit = MAX_LINE as u64;
        from.by_ref().take(limit).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        if number == 1 && chain.is_none() {
            position.chain = claimed_chain(&line).unwrap_or_default();
        }
        let fault = match Record::read(&line, position.next, &position.chain) {
            Ok((record, _)) if number == 1 && !is_head(&record, &position) => LineFault::Head,
            Ok((record, chain)) => {
                visit(&record);
                length += line.len() as u64;
                position.next += 1;
                position.chain = chain;
                continue;
            }
            Err(fault) => fault,
        };
        let cut_short = match fault {
            LineFault::Incomplete => line.len() < MAX_LINE,
            LineFault::Nul => true,
            _ => line.contains(&0),
        };
        let rest = if cut_short { debris(&mut from)? } else { None };
        return match rest {
            Some(rest) => Ok(End {
                position,
                length,
                torn: line.len() as u64 + rest,
            }),
            None => Err(ReadError::Line {
                line: number,
                record: position.next,
                fault,
            }),
        };
    }
    Ok(End {
        position,
        length,
        torn: 0,
    })
}

/// How many octets there are behind a torn line; `None` where a whole record is among them.
fn debris(from: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut octets = 0;
    let mut line = Vec::with_capacity(512);
    loop {
        line.clear();
        from.by_ref()
            .take(MAX_LINE as u64)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(Some(octets));
        }
        if line.ends_with(b"\n") && serde_json::from_slice::<Record>(&line).is_ok() {
            return Ok(None);
        }
        octets += line.len() as u64;
    }
}

/// Why a segment is not read to its end.
#[derive(Debug)]
pub enum ReadError {
    /// The file.
    Io(io::Error),
    /// A line.
    Line {
        /// Its number, from 1.
        line: u64,
        /// The number its record should have.
        record: u64,
        /// What is wrong.
        fault: LineFault,
    },
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl ReadError {
    /// With the file's name.
    #[must_use]
    pub fn of(self, path: &Path) -> JournalError {
        let path = path.to_owned();
        match self {
            Self::Io(source) => JournalError::Io {
                action: "read the token journal",
                path,
                source,
            },
            Self::Line {
                line,
                record,
                fault,
            } => JournalError::Broken {
                path,
                line,
                record,
                source: fault,
            },
        }
    }
}

fn is_head(record: &Record, position: &Position) -> bool {
    record.event == "segment"
        && record.format.as_deref() == Some(FORMAT)
        && record.previous.as_deref() == Some(&position.chain.to_string())
}

/// What the first record says of the chain before it.
fn claimed_chain(line: &[u8]) -> Option<Chain> {
    let record: Record = serde_json::from_slice(line).ok()?;
    Chain::parse(&record.previous?)
}

/// Where records are appended. A trait, so that a full disk can be tested.
pub trait Medium: Send {
    /// Appends octets to the current segment.
    ///
    /// # Errors
    /// I/O; some of the octets may have been written.
    fn append(&mut self, octets: &[u8]) -> io::Result<()>;

    /// Waits until everything appended is on the disk.
    ///
    /// # Errors
    /// I/O; nothing is known of what was appended since the last sync.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the current segment back to this length.
    ///
    /// # Errors
    /// I/O.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Ends the current segment and begins the one whose first record has this number.
    ///
    /// # Errors
    /// I/O.
    fn begin(&mut self, first: u64) -> io::Result<()>;
}

/// Segments in a folder, and the lock that keeps other processes away.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    current: Option<File>,
    _lock: File,
}

impl Folder {
    /// Creates the folder where it is missing, and locks it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn lock(path: &Path) -> Result<Self, JournalError> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| JournalError::Io {
                action,
                path,
                source,
            }
        };
        std::fs::create_dir_all(path).map_err(failed("create the folder", path))?;
        let lock = path.join("lock");
        let action = "write the token journal";
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(failed(action, &lock))?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => JournalError::InUse {
                path: path.to_owned(),
            },
            std::fs::TryLockError::Error(source) => failed(action, &lock)(source),
        })?;
        Ok(Self {
            path: path.to_owned(),
            current: None,
            _lock: file,
        })
    }

    /// Goes on appending to this segment.
    ///
    /// # Errors
    /// I/O.
    pub fn resume(&mut self, segment: &Path) -> io::Result<()> {
        self.current = Some(OpenOptions::new().append(true).open(segment)?);
        Ok(())
    }

    fn file(&mut self) -> io::Result<&mut File> {
        self.current
            .as_mut()
            .ok_or_else(|| io::Error::other("no segment has been begun"))
    }
}

impl Medium for Folder {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file()?.write_all(octets)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file()?.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let Some(file) = &self.current else {
            return Ok(());
        };
        file.set_len(length)?;
        file.sync_data()
    }

    fn begin(&mut self, first: u64) -> io::Result<()> {
        let path = path_of(&self.path, first);
        // A segment of this name holds no record that counts: its first one was never completed.
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&path)?;
        drop(file);
        let file = OpenOptions::new().append(true).open(&path)?;
        // The name has to survive a power cut like the records.
        File::open(&self.path)?.sync_all()?;
        self.current = Some(file);
        Ok(())
    }
}
