//! Backups: the record as of one moment in one file, taken while others issue, and put back into a
//! new place only after the whole file, the journal's chain and every table were checked.
//!
//! The file holds tables and rows, not pages of a database, so a backup of either kind of database is
//! restored into either. Private keys are not in it: they were never in the record.

mod file;

use std::fs;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use pki_asn1::UnixTime;

pub(crate) use self::file::{Cell, Frame, Header, Reader, Row, TableHeader, Writer};
use super::{Difference, PostgresLocation, RecordLocation, StoreError};
use crate::journal::{JournalBreak, Verifier};
use crate::store::sql::catalogue::{self, Catalogue};
use crate::store::sql::migrations::FORMAT;
use crate::store::sql::{SqlError, Transaction, journal};
use crate::store::{postgres, sqlite};

/// What a backup holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupReport {
    /// What the record was called.
    pub record: String,
    /// When it was begun (RFC 3339).
    pub at: String,
    /// How many records the journal has.
    pub records: u64,
    /// The hash of the last, hexadecimal: to be compared with one that was kept elsewhere.
    pub head: String,
    /// The SHA-256 of the file's content up to its last part, which holds it, hexadecimal.
    pub sha256: String,
}

/// Why a record was not backed up or restored. Nothing was put in place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The record, or the place for it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backup cannot be written.
    #[error("the backup cannot be written")]
    Write(#[source] io::Error),
    /// The backup cannot be read.
    #[error("the backup cannot be read")]
    Read(#[source] io::Error),
    /// It is something else.
    #[error("this is not a backup of a record")]
    NotABackup,
    /// It ends too early.
    #[error("the backup is not complete: it ends before its end")]
    Truncated,
    /// Its content is not what was written.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// It was made by a later version.
    #[error("the backup has format {found}, and this program reads up to {supported}")]
    Version {
        /// Its format.
        found: i64,
        /// Ours.
        supported: i64,
    },
    /// The journal in it is broken.
    #[error("the backup holds a broken journal: {0}")]
    Journal(JournalBreak),
    /// Its tables are not what its journal says.
    #[error("the backup's tables differ from its journal: {0}")]
    Differs(String),
}

impl BackupError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Write(_) => Some("check that there is space, and who may write there".into()),
            Self::Read(_) => Some("check the file, and the disk it is on".into()),
            Self::NotABackup => Some("name a file that `sceau-ca backup` wrote".into()),
            Self::Truncated | Self::Damaged(_) => {
                Some("take another copy of it, or an earlier backup; nothing was restored".into())
            }
            Self::Version { .. } => {
                Some("use the program version that made it, or a later one".into())
            }
            Self::Journal(_) | Self::Differs(_) => Some(
                "the record was spoiled before the backup was made, or the backup was made up: take an \
                 earlier one; nothing was restored"
                    .into(),
            ),
        }
    }
}

impl From<SqlError> for BackupError {
    fn from(error: SqlError) -> Self {
        Self::Store(error.into())
    }
}

impl RecordLocation {
    /// Writes the record, as of one moment, to `out`, while others may go on issuing. A record of an
    /// earlier format is written as it is.
    ///
    /// # Errors
    /// [`BackupError`]: where the record cannot be read or `out` not be written.
    pub fn backup(&self, at: UnixTime, out: &mut dyn Write) -> Result<BackupReport, BackupError> {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        match self {
            Self::File(path) => dump(&mut sqlite::any_format(path)?, at, &mut out),
            Self::Postgres(location) => dump(&mut postgres::any_format(location)?, at, &mut out),
        }
    }

    /// Puts a backup where no record is. Everything is checked before: the file's checksum, the
    /// journal's chain, every table against the journal. A backup of an earlier format is brought to
    /// the present one.
    ///
    /// # Errors
    /// [`BackupError`], [`StoreError::Exists`] where a record is there already; nothing is put in
    /// place then.
    pub fn restore(&self, backup: &mut (impl Read + Seek)) -> Result<BackupReport, BackupError> {
        let report = check(backup)?;
        backup.seek(SeekFrom::Start(0)).map_err(BackupError::Read)?;
        let mut backup = BufReader::with_capacity(1 << 16, backup);
        match self {
            Self::File(path) => {
                // Beside its place, under another name until it is whole.
                let place = sqlite::Place::new(path)?;
                fill(&mut place.connection()?, &mut backup)?;
                place.take()?;
            }
            Self::Postgres(location) => {
                fill(&mut new_database(location)?, &mut backup)?;
            }
        }
        Ok(report)
    }
}

fn new_database(location: &PostgresLocation) -> Result<impl Catalogue + use<>, BackupError> {
    Ok(postgres::empty(location)?)
}

/// Reads a whole backup, and checks all that can be checked without a database.
fn check(backup: &mut impl Read) -> Result<BackupReport, BackupError> {
    let (mut reader, header) = Reader::begin(BufReader::with_capacity(1 << 16, backup))?;
    if !(1..=FORMAT).contains(&header.format) {
        return Err(BackupError::Version {
            found: header.format,
            supported: FORMAT,
        });
    }
    let sha256 = loop {
        match reader.next()? {
            Some(_) => {}
            None => break reader.digest(),
        }
    };
    Ok(BackupReport {
        record: header.record,
        at: header.at,
        records: header.records,
        head: header.head,
        sha256,
    })
}

fn dump(
    db: &mut dyn Catalogue,
    at: UnixTime,
    out: &mut dyn Write,
) -> Result<BackupReport, BackupError> {
    db.begin(Transaction::Snapshot)?;
    let format = db.format()?;
    let head = journal::head(catalogue::database(db))?;
    let header = Header {
        format,
        record: db.record().to_string(),
        at: at.to_string(),
        records: head.seq,
        head: hex::encode(head.hash),
    };
    let mut writer = Writer::begin(out, &header).map_err(BackupError::Write)?;
    for table in db.tables()? {
        let columns = table.columns.iter().map(|c| c.name.clone()).collect();
        let head = TableHeader {
            table: table.name.clone(),
            columns,
        };
        writer.table(&head).map_err(BackupError::Write)?;
        catalogue::rows(db, &table, &mut |row| writer.row(row))?.map_err(BackupError::Write)?;
    }
    let sha256 = writer.end().map_err(BackupError::Write)?;
    db.rollback()?;
    Ok(BackupReport {
        record: header.record,
        at: header.at,
        records: header.records,
        head: header.head,
        sha256,
    })
}

/// Fills an empty database, checks it, and only then commits.
fn fill(db: &mut dyn Catalogue, backup: &mut impl Read) -> Result<(), BackupError> {
    let (mut reader, header) = Reader::begin(backup)?;
    db.begin_empty(header.format)?;
    db.disarm()?;
    let tables = db.tables()?;
    for table in &tables {
        // What the first step put there is in the backup too.
        catalogue::clear(db, table)?;
    }
    let mut filled: Vec<String> = Vec::new();
    let mut insert = None;
    while let Some(frame) = reader.next()? {
        match frame {
            Frame::Table(head) => {
                let known = tables.iter().find(|t| {
                    t.name == head.table && t.columns.iter().map(|c| &c.name).eq(&head.columns)
                });
                if known.is_none() || filled.contains(&head.table) {
                    let what = format!("its table {} is not one of this format", head.table);
                    return Err(BackupError::Damaged(what));
                }
                insert = Some((db.insertion(&head.table, &head.columns), head.columns.len()));
                filled.push(head.table);
            }
            Frame::Row(cells) => match &insert {
                Some((sql, columns)) if *columns == cells.len() => {
                    let values: Vec<_> = cells.iter().map(Into::into).collect();
                    db.execute(sql, &values)?;
                }
                _ => return Err(BackupError::Damaged("a row fits no table".into())),
            },
        }
    }
    if filled.len() != tables.len() {
        return Err(BackupError::Damaged("a table is missing".into()));
    }
    db.rearm(&tables)?;
    db.migrate(header.format)?;
    verify(db, &header)?;
    db.commit()?;
    Ok(())
}

/// The chain, its head, and every table against the journal.
fn verify(db: &mut dyn Catalogue, header: &Header) -> Result<(), BackupError> {
    let mut verifier = Verifier::default();
    let mut broken = None;
    let difference = journal::compare(catalogue::database(db), &mut |row| {
        if broken.is_none() {
            broken = verifier.push(row).err();
        }
        Ok(())
    })?;
    if let Some(broken) = broken {
        return Err(BackupError::Journal(broken));
    }
    if let Some(Difference { seq, what }) = difference {
        let at = seq.map(|seq| format!("record {seq}: ")).unwrap_or_default();
        return Err(BackupError::Differs(format!("{at}{what}")));
    }
    let report = verifier.finish().map_err(BackupError::Journal)?;
    if (report.records, report.head.as_str()) != (header.records, header.head.as_str()) {
        let what = "its journal does not end where its header says".to_owned();
        return Err(BackupError::Damaged(what));
    }
    Ok(())
}

/// Makes sure that a new name in a folder is on the disk.
pub(super) fn sync_folder(folder: &std::path::Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
