//! Why a container is not read, or not made.

use std::io;

use zip::result::ZipError;

/// Why a container is not read, or not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AsicError {
    /// It cannot be read.
    #[error("the container cannot be read")]
    Read(#[source] io::Error),
    /// It cannot be written.
    #[error("the container cannot be written")]
    Write(#[source] io::Error),
    /// It is no ZIP archive, or a broken one.
    #[error("this is no sound ZIP archive: {0}")]
    Zip(String),
    /// It is a ZIP archive that two readers could understand differently.
    #[error("the ZIP archive is ambiguous: {0}")]
    Ambiguous(String),
    /// A name that would lead out of a folder, or that cannot be written everywhere.
    #[error("the name {name:?} cannot be used in a container: {why}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A bound was reached.
    #[error("the container has too much in it: more than {limit} {what}")]
    Budget {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// Two files would have one name.
    #[error("two files would be called {0:?} in the container")]
    Twice(String),
    /// An ASiC-S container holds one file.
    #[error("an ASiC-S container holds one file, and there are {0}")]
    OneFile(usize),
    /// A manifest that is not as EN 319 162-1 wants it.
    #[error("{name} is no manifest: {why}")]
    Manifest {
        /// Which.
        name: String,
        /// Why.
        why: String,
    },
    /// Signatures in XML.
    #[error("the signatures of this container are XAdES, which is not supported")]
    Xades,
    /// The content is not what was hashed.
    #[error("{0} changed while it was read")]
    Changed(String),
}

impl AsicError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Ambiguous(_) => {
                "ask for the container as its author made it; programs would disagree on what is in this one".into()
            }
            Self::Name { .. } => "rename the file".into(),
            Self::Twice(_) => "rename one of them, or sign them in containers of their own".into(),
            Self::OneFile(_) => "use --format asic-e for several files".into(),
            Self::Zip(_) => "check that the file was transferred completely".into(),
            Self::Xades => "verify it with a tool for XAdES".into(),
            Self::Changed(_) => {
                "let the program that writes it finish, then try again".into()
            }
            _ => return None,
        })
    }

    /// An error of reading.
    pub(crate) fn reading(error: ZipError) -> Self {
        match error {
            ZipError::Io(e) if e.kind() != io::ErrorKind::UnexpectedEof => Self::Read(e),
            other => Self::Zip(other.to_string()),
        }
    }

    /// An error of writing.
    pub(crate) fn writing(error: ZipError) -> Self {
        match error {
            ZipError::Io(e) => Self::Write(e),
            other => Self::Write(io::Error::other(other)),
        }
    }
}
