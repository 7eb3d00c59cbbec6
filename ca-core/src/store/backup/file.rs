//! The backup file: one stream that can be written while the record is read, and checked to its end
//! before anything is believed.
//!
//! ```text
//! "sceau.backup/1\n"  frame*
//! frame = kind (1 octet) || length (4 octets, big-endian) || content
//! kinds, in this order: H header, { T table, R row* }*, E end
//! H, T: JSON.   E: SHA-256 of every octet before this frame, and nothing after it.
//! R: for each column of the table: 0 null | 1 integer (8 octets) | 2 text | 3 octets (length, content)
//! ```

use std::io::{self, Read, Write};

use pki_crypto::{DigestAlgorithm, Hasher};
use serde::{Deserialize, Serialize};

use super::BackupError;

const MAGIC: &[u8] = b"sceau.backup/1\n";
/// No frame is longer: a database holds no longer values.
const MAX_FRAME: u32 = 1 << 30;

/// What a backup says about itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Header {
    /// The record's format.
    pub(crate) format: i64,
    /// What the record was called.
    pub(crate) record: String,
    /// When the backup was begun.
    pub(crate) at: String,
    /// How many records the journal has.
    pub(crate) records: u64,
    /// The hash of the last, hexadecimal.
    pub(crate) head: String,
}

/// The table whose rows follow.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableHeader {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
}

/// A value of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A part of the file.
pub(crate) enum Frame {
    Table(TableHeader),
    Row(Vec<Cell>),
}

/// Writes a backup.
pub(crate) struct Writer<'a> {
    out: &'a mut dyn Write,
    hasher: Hasher,
}

impl<'a> Writer<'a> {
    pub(crate) fn begin(out: &'a mut dyn Write, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            out,
            hasher: DigestAlgorithm::Sha256.hasher(),
        };
        writer.put(MAGIC)?;
        writer.frame(b'H', &serde_json::to_vec(header)?)?;
        Ok(writer)
    }

    pub(crate) fn table(&mut self, table: &TableHeader) -> io::Result<()> {
        self.frame(b'T', &serde_json::to_vec(table)?)
    }

    /// A row, as [`Row`] made it.
    pub(crate) fn row(&mut self, row: &Row) -> io::Result<()> {
        self.frame(b'R', &row.0)
    }

    /// Ends the file; its digest.
    pub(crate) fn end(mut self) -> io::Result<String> {
        let digest = std::mem::replace(&mut self.hasher, DigestAlgorithm::Sha256.hasher()).finish();
        self.frame(b'E', digest.as_bytes())?;
        self.out.flush()?;
        Ok(hex::encode(digest.as_bytes()))
    }

    fn frame(&mut self, kind: u8, content: &[u8]) -> io::Result<()> {
        let length = u32::try_from(content.len())
            .ok()
            .filter(|n| *n <= MAX_FRAME);
        let length = length.ok_or(io::ErrorKind::FileTooLarge)?;
        self.put(&[kind])?;
        self.put(&length.to_be_bytes())?;
        self.put(content)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }
}

/// A row being written.
#[derive(Default)]
pub(crate) struct Row(Vec<u8>);

impl Row {
    pub(crate) fn null(&mut self) {
        self.0.push(0);
    }

    pub(crate) fn integer(&mut self, n: i64) {
        self.0.push(1);
        self.0.extend_from_slice(&n.to_be_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.octets(2, text.as_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.octets(3, bytes);
    }

    fn octets(&mut self, kind: u8, octets: &[u8]) {
        self.0.push(kind);
        // Longer ones make a frame that is refused.
        let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(octets);
    }
}

/// Reads a backup, one frame at a time.
pub(crate) struct Reader<R> {
    input: R,
    hasher: Hasher,
    digest: String,
}

impl<R: Read> Reader<R> {
    /// Reads up to the first table.
    pub(crate) fn begin(input: R) -> Result<(Self, Header), BackupError> {
        let mut reader = Self {
            input,
            hasher: DigestAlgorithm::Sha256.hasher(),
            digest: String::new(),
        };
        let mut magic = [0; MAGIC.len()];
        match reader.input.read_exact(&mut magic) {
            Ok(()) if magic == MAGIC => reader.hasher.update(MAGIC),
            Err(e) if e.kind() != io::ErrorKind::UnexpectedEof => return Err(BackupError::Read(e)),
            _ => return Err(BackupError::NotABackup),
        }
        let (kind, content) = reader.frame()?;
        let header = serde_json::from_slice(&content).ok();
        match header.filter(|_| kind == b'H') {
            Some(header) => Ok((reader, header)),
            None => Err(damaged("it does not begin with a header")),
        }
    }

    /// The next frame; `None` at the end, when the digest was right and nothing follows.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, BackupError> {
        let so_far = self.hasher.clone();
        let (kind, content) = self.frame()?;
        match kind {
            b'T' => serde_json::from_slice(&content)
                .map(|table| Some(Frame::Table(table)))
                .map_err(|_| damaged("a table cannot be read")),
            b'R' => cells(&content)
                .map(|row| Some(Frame::Row(row)))
                .ok_or_else(|| damaged("a row cannot be read")),
            b'E' => {
                let digest = so_far.finish();
                if digest.as_bytes() != content {
                    return Err(damaged("its checksum is wrong"));
                }
                self.digest = hex::encode(digest.as_bytes());
                match self.input.read(&mut [0]) {
                    Ok(0) => Ok(None),
                    Ok(_) => Err(damaged("something follows its end")),
                    Err(e) => Err(BackupError::Read(e)),
                }
            }
            _ => Err(damaged("it has a part of unknown kind")),
        }
    }

    /// The file's digest, once its end was read.
    pub(crate) fn digest(self) -> String {
        self.digest
    }

    fn frame(&mut self) -> Result<(u8, Vec<u8>), BackupError> {
        let mut head = [0; 5];
        self.exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length);
        if length > MAX_FRAME {
            return Err(damaged("a part is longer than any can be"));
        }
        // Memory grows with what is there, not with what is claimed.
        let mut content = Vec::new();
        let read = (&mut self.input)
            .take(length.into())
            .read_to_end(&mut content);
        if read.map_err(BackupError::Read)? < length as usize {
            return Err(BackupError::Truncated);
        }
        self.hasher.update(&content);
        Ok((kind, content))
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), BackupError> {
        self.input.read_exact(bytes).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => BackupError::Truncated,
            _ => BackupError::Read(e),
        })?;
        self.hasher.update(bytes);
        Ok(())
    }
}

fn cells(mut row: &[u8]) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    while let Some((kind, rest)) = row.split_first() {
        let (cell, rest) = match kind {
            0 => (Cell::Null, rest),
            1 => {
                let (n, rest) = rest.split_first_chunk()?;
                (Cell::Integer(i64::from_be_bytes(*n)), rest)
            }
            2 | 3 => {
                let (length, rest) = rest.split_first_chunk()?;
                let (octets, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
                let cell = match kind {
                    2 => Cell::Text(core::str::from_utf8(octets).ok()?.to_owned()),
                    _ => Cell::Bytes(octets.to_vec()),
                };
                (cell, rest)
            }
            _ => return None,
        };
        cells.push(cell);
        row = rest;
    }
    Some(cells)
}

pub(super) fn damaged(what: &str) -> BackupError {
    BackupError::Damaged(what.to_owned())
}
