//! Why the record could not be read or written, and what the operator can do.

use core::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use pki_asn1::UnixTime;

use crate::registration::RegistrationError;

/// What messages call a record: the path of its file, or its database without any password.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RecordName(Arc<str>);

impl RecordName {
    /// A name in words.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<&Path> for RecordName {
    fn from(path: &Path) -> Self {
        Self(path.display().to_string().into())
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why the record could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no record there.
    #[error("there is no record at {0}")]
    Missing(RecordName),
    /// There already is one.
    #[error("there already is a record at {0}")]
    Exists(RecordName),
    /// The file is something else.
    #[error("{0} is not a record of this program")]
    NotARecord(RecordName),
    /// The record was written by a later version.
    #[error("the record {record} has format {found}, and this program reads {supported}")]
    Version {
        /// Which record.
        record: RecordName,
        /// Its format.
        found: i64,
        /// Ours.
        supported: i64,
    },
    /// Another process issues from it.
    #[error("the record {0} is in use by another process")]
    InUse(RecordName),
    /// The database is locked.
    #[error("the record {0} is locked")]
    Locked(RecordName),
    /// This user may not read it together with the process that writes.
    #[error("the record {0} cannot be read by this user")]
    ReaderNotAllowed(RecordName),
    /// It cannot be written.
    #[error("the record {0} is read-only")]
    ReadOnly(RecordName),
    /// The disk is full.
    #[error("no space is left for the record {0}")]
    DiskFull(RecordName),
    /// The file cannot be opened or created.
    #[error("the record {record} cannot be opened")]
    Open {
        /// Which record.
        record: RecordName,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// An earlier write failed in the disk itself, so nothing more is signed by this process.
    #[error("writing the record {0} failed earlier, so issuing has stopped")]
    Stopped(RecordName),
    /// Content that this program never writes.
    #[error("the record {record} is damaged: {what}")]
    Damaged {
        /// Which record.
        record: RecordName,
        /// What is wrong.
        what: String,
    },
    /// The database failed otherwise.
    #[error("the database of the record {record} failed")]
    Database {
        /// Which record.
        record: RecordName,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was asked contradicts what is recorded; nothing was changed.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// What waits to be stored could not be read back from its temporary file.
    #[error("a temporary file cannot be read back")]
    Spool(#[source] io::Error),
    /// The record was written by an earlier version.
    #[error("the record {record} has format {found}, and this program needs {supported}")]
    Older {
        /// Which record.
        record: RecordName,
        /// Its format.
        found: i64,
        /// Ours.
        supported: i64,
    },
    /// The database's server does not answer.
    #[error("the database server of {record} cannot be reached")]
    Unreachable {
        /// Which record.
        record: RecordName,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server that answered has less than the one before had.
    #[error("the server that now answers for {0} is behind the one before")]
    Behind(RecordName),
    /// All connections to it are in use.
    #[error("too many questions to the record {0} at once")]
    Busy(RecordName),
    /// The connection was lost, and the change was not recorded.
    #[error("the connection to the record {0} was lost, and nothing was recorded")]
    Lost(RecordName),
    /// The connection was lost while the change was on its way to the disk, and the server could not
    /// be asked what became of it.
    #[error("whether the change was recorded in {0} is not known: the connection was lost")]
    Unknown(RecordName),
    /// The server does not let us in, or not do what is needed.
    #[error("the database server of {record} does not permit it")]
    NotAllowed {
        /// Which record.
        record: RecordName,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server is too old.
    #[error("the database server of {record} has version {found}, and 15 is the oldest supported")]
    ServerVersion {
        /// Which record.
        record: RecordName,
        /// Its version.
        found: String,
    },
    /// The server answers before what it was told is safe from a power cut.
    #[error("the database server of {record} does not wait for the disk: {setting} is off")]
    NotDurable {
        /// Which record.
        record: RecordName,
        /// Which setting.
        setting: &'static str,
    },
    /// A visitor stopped the walk, with its own reason kept elsewhere.
    #[error("the walk over the record was stopped")]
    Interrupted,
    /// The operating system gave no random octets.
    #[error("no random numbers from the operating system: {0}")]
    Random(String),
}

/// A change that the record forbids.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// An authority of this name is there.
    #[error("the authority name is taken")]
    AuthorityName,
    /// The authority used this serial number before.
    #[error("the serial number is taken")]
    Serial,
    /// The order of a batch was carried out already.
    #[error("the order was carried out already")]
    Order,
    /// No such certificate.
    #[error("no certificate has this serial number")]
    UnknownSerial,
    /// It was revoked before.
    #[error("already revoked on {at}")]
    AlreadyRevoked {
        /// When.
        at: UnixTime,
    },
    /// The issuance was not begun, or was finished or closed already.
    #[error("no unfinished issuance has this serial number")]
    NotIntended,
    /// The CRL number is not one more than the last.
    #[error("the CRL number does not follow the last, {last}")]
    CrlNumber {
        /// The last number.
        last: u64,
    },
    /// It is suspended already.
    #[error("already suspended on {at}")]
    AlreadySuspended {
        /// When.
        at: UnixTime,
    },
    /// It is not suspended.
    #[error("not suspended")]
    NotSuspended,
    /// The authority's last CRL was published.
    #[error("the last CRL was published")]
    AfterLastCrl,
    /// The authority was terminated before.
    #[error("the authority was terminated on {at}")]
    AlreadyTerminated {
        /// When.
        at: UnixTime,
    },
    /// The key is, or was, the journal key.
    #[error("this key was named as the journal's before")]
    JournalKeyUsed,
    /// The journal has another origin.
    #[error("the journal has another origin")]
    JournalOrigin,
    /// Another checkpoint came first, or too many records.
    #[error("the checkpoint does not follow the last, over {last} records, closely enough")]
    CheckpointOrder {
        /// The last one's size.
        last: u64,
    },
    /// The version of a profile is not higher than the last.
    #[error("the profile's version is not above the last, {last}")]
    ProfileVersion {
        /// The last version.
        last: u32,
    },
    /// No such profile is in use.
    #[error("no such profile is in use")]
    UnknownProfile,
    /// Registration says no.
    #[error(transparent)]
    Registration(Box<RegistrationError>),
}

impl From<RegistrationError> for Conflict {
    fn from(error: RegistrationError) -> Self {
        Self::Registration(Box::new(error))
    }
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing(_) => "make one with `sceau-ca init`, or name its folder with -C".into(),
            Self::Exists(_) => "choose an empty folder; a record is never overwritten".into(),
            Self::NotARecord(_) => "check the path".into(),
            Self::Version { .. } => "use the program version that belongs to this record".into(),
            Self::InUse(_) => "wait until the other command has finished".into(),
            Self::Locked(_) => {
                "close other programs that have the file open, such as sqlite3, and try again".into()
            }
            Self::ReaderNotAllowed(_) => {
                "readers share a file with the writer, the record's name with -shm at its end: run this \
                 as the record's owner, or give both users a group that may write to the folder"
                    .into()
            }
            Self::ReadOnly(_) => {
                "check the owner and mode of the file and of its folder, and whether the file system \
                 is mounted read-only"
                    .into()
            }
            Self::DiskFull(_) => {
                "free space on that file system; nothing was issued, and nothing is lost".into()
            }
            Self::Open { .. } => "check that the folder exists and may be written".into(),
            Self::Stopped(_) => {
                "check the disk, restart the program, and run `sceau-ca audit verify`".into()
            }
            Self::Damaged { .. } | Self::Database { .. } => {
                "run `sceau-ca audit verify`; restore the last backup if the record is damaged".into()
            }
            Self::Spool(_) => "check that the folder for temporary files (TMPDIR) has space".into(),
            Self::Conflict(Conflict::Registration(e)) => return e.hint(),
            Self::Older { .. } => {
                "make a backup with `sceau-ca backup`, then bring the record up to date with `sceau-ca migrate`"
                    .into()
            }
            Self::Lost(_) | Self::Unreachable { .. } => {
                "check that the server runs and can be reached; nothing was issued, and nothing is lost".into()
            }
            Self::Behind(_) => "it will have followed in a moment; see pg_stat_replication on the primary".into(),
            Self::Busy(_) => "ask again in a moment; see pg_stat_activity for what takes so long".into(),
            Self::Unknown(_) => {
                "nothing was handed out; when the server is back, see with `sceau-ca list` what was recorded"
                    .into()
            }
            Self::NotAllowed { .. } => {
                "check the user, the password (password-file, or SCEAU_DATABASE_PASSWORD), pg_hba.conf, and \
                 that the user owns the record's tables"
                    .into()
            }
            Self::ServerVersion { .. } => "use PostgreSQL 15 or later".into(),
            Self::NotDurable {
                setting: "synchronous_commit",
                ..
            } => "ALTER ROLE ... SET synchronous_commit = on".into(),
            Self::NotDurable { .. } => {
                "set it to on in postgresql.conf: a certificate must never exist without its record".into()
            }
            Self::Conflict(_) | Self::Interrupted | Self::Random(_) => return None,
        })
    }
}
