//! Why an evidence record could not be read.

use crate::cms::parse::CmsError;

/// Why an evidence record could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It is something else.
    #[error("this is not an evidence record (RFC 4998): {0}")]
    NotARecord(&'static str),
    /// It begins as one and ends too early.
    #[error("the evidence record ends too early")]
    Truncated,
    /// A part of it is malformed.
    #[error("the evidence record is malformed: {0}")]
    Malformed(&'static str),
    /// Its version is not 1.
    #[error("the evidence record is of a version that RFC 4998 does not define")]
    Version,
    /// A bound was reached.
    #[error("the evidence record has too many {what} (more than {limit})")]
    Budget {
        /// Of what.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

impl RecordError {
    /// What would help.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotARecord(_) | Self::Truncated => Some(
                "an evidence record is a file in DER form, often .ers or .er; those in XML (RFC 6283) are not read"
                    .into(),
            ),
            Self::Budget { .. } => Some(
                "a record that takes so much to read is taken for hostile; ask for one with fewer renewals in it"
                    .into(),
            ),
            _ => None,
        }
    }
}

impl From<CmsError> for RecordError {
    fn from(error: CmsError) -> Self {
        match error {
            CmsError::Truncated | CmsError::NotSignedData(_) => Self::Truncated,
            CmsError::Malformed(what) => Self::Malformed(what),
            CmsError::Budget { what, limit } => Self::Budget { what, limit },
        }
    }
}
