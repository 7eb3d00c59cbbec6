//! Why there is no journal.

use std::io;
use std::path::PathBuf;

use cli_support::Exit;
use cli_support::failure::io_exit;

use super::record::LineFault;

/// Why a journal cannot be opened, or is not what was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A file or the folder.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process writes it.
    #[error("the token journal {} is in use", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A record is not what was written.
    #[error("the token journal is broken in record {record}: {}, line {line}", path.display())]
    Broken {
        /// The segment.
        path: PathBuf,
        /// The line in it, from 1.
        line: u64,
        /// The number that the record should have.
        record: u64,
        /// What is wrong.
        source: LineFault,
    },
    /// A segment is missing between two others.
    #[error("the token journal lacks the records from {record} on: {} begins later", path.display())]
    Missing {
        /// The segment after the gap.
        path: PathBuf,
        /// The first record that is missing.
        record: u64,
    },
}

impl JournalError {
    /// The exit code of a program that ends with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Io { source, .. } => io_exit(source.kind()),
            Self::InUse { .. } => Exit::Unavailable,
            Self::Broken { .. } | Self::Missing { .. } => Exit::Failed,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Some(
                    "the user that runs sceau-tsa must own the folder of the journal".into(),
                ),
                io::ErrorKind::StorageFull => Some("free space on its file system".into()),
                _ => Some("the setting journal.folder says where the journal is".into()),
            },
            Self::InUse { .. } => Some(
                "another sceau-tsa runs with it; each process needs a journal.folder of its own".into(),
            ),
            Self::Broken { .. } | Self::Missing { .. } => Some(
                "keep the folder as evidence, find out who changed it, and set journal.folder to a new one".into(),
            ),
        }
    }
}
