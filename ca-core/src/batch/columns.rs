//! The heading of a batch: which column says what.

use pki_asn1::oid::ObjectIdentifier;

use super::Record;
use crate::names::{attribute_labels, attribute_type};

/// What a column says about an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Column {
    /// The order's name in this batch and in the report; output files are called after it.
    Id,
    /// The issuing authority.
    Ca,
    /// The profile.
    Profile,
    /// The request: a file, or the request itself.
    Csr,
    /// The whole subject.
    Subject,
    /// One attribute of the subject.
    Attribute(ObjectIdentifier),
    /// How many days.
    Days,
    /// Under which law it is qualified.
    Legislation,
    /// Whether the key is in a qualified device.
    Qscd,
    /// What key to generate, in place of a request.
    Key,
    /// Whether the issuer's chain is written too.
    Chain,
}

/// The columns of a batch in their order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Columns(Vec<(Column, String)>);

/// Why a heading is not understood. Nothing can be read without it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadingError {
    /// The file is empty.
    #[error("the batch is empty: there is no heading")]
    Empty,
    /// Semicolons or tabs between the columns.
    #[error(
        "line {line}, character {character}: the columns are separated by {separator}, not by commas"
    )]
    Separator {
        /// The line.
        line: u64,
        /// The first separator.
        character: usize,
        /// What it is.
        separator: &'static str,
    },
    /// A column nobody knows.
    #[error("line {line}, column {column}: there is no column {name:?}")]
    Unknown {
        /// The line.
        line: u64,
        /// The column, from 1.
        column: usize,
        /// Its name.
        name: String,
    },
    /// A column that occurs twice.
    #[error("line {line}, column {column}: {name} occurs twice")]
    Twice {
        /// The line.
        line: u64,
        /// The column, from 1.
        column: usize,
        /// Its name.
        name: String,
    },
    /// No id column.
    #[error("line {line}: there is no column id")]
    NoId {
        /// The line.
        line: u64,
    },
    /// A subject in one column and in attributes.
    #[error("line {line}: the heading has both subject and the attribute {attribute}")]
    SubjectTwice {
        /// The line.
        line: u64,
        /// The attribute.
        attribute: String,
    },
    /// No subject at all.
    #[error("line {line}: the heading has neither subject nor an attribute of it")]
    NoSubject {
        /// The line.
        line: u64,
    },
    /// Nothing to certify.
    #[error("line {line}: the heading has neither csr nor key")]
    NoKey {
        /// The line.
        line: u64,
    },
}

const NAMES: [(&str, Column); 10] = [
    ("id", Column::Id),
    ("ca", Column::Ca),
    ("profile", Column::Profile),
    ("csr", Column::Csr),
    ("subject", Column::Subject),
    ("days", Column::Days),
    ("legislation", Column::Legislation),
    ("qscd", Column::Qscd),
    ("key", Column::Key),
    ("chain", Column::Chain),
];

impl Columns {
    /// Understands the first record of a batch.
    ///
    /// # Errors
    /// Where a column is unknown, occurs twice, or is missing.
    pub fn parse(heading: &Record) -> Result<Self, HeadingError> {
        let line = heading.line;
        refuse_other_separators(heading)?;
        let mut columns: Vec<(Column, String)> = Vec::new();
        for (i, name) in heading.fields.iter().enumerate() {
            let (name, at) = (name.trim(), i + 1);
            let column = column(name).ok_or_else(|| HeadingError::Unknown {
                line,
                column: at,
                name: name.to_owned(),
            })?;
            // Organisational units may be nested, each in a column of its own.
            let repeatable = column == Column::Attribute(pki_asn1::oid::AT_ORGANIZATIONAL_UNIT);
            if !repeatable && columns.iter().any(|(c, _)| *c == column) {
                return Err(HeadingError::Twice {
                    line,
                    column: at,
                    name: name.to_owned(),
                });
            }
            columns.push((column, name.to_owned()));
        }
        let has = |wanted| columns.iter().any(|(c, _)| *c == wanted);
        let attribute = columns
            .iter()
            .find(|(c, _)| matches!(c, Column::Attribute(_)));
        match (has(Column::Subject), attribute) {
            _ if !has(Column::Id) => Err(HeadingError::NoId { line }),
            (true, Some((_, name))) => Err(HeadingError::SubjectTwice {
                line,
                attribute: name.clone(),
            }),
            (false, None) => Err(HeadingError::NoSubject { line }),
            _ if !has(Column::Csr) && !has(Column::Key) => Err(HeadingError::NoKey { line }),
            _ => Ok(Self(columns)),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none; a heading that was understood has at least three.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The columns with the names they have in the file.
    pub fn iter(&self) -> impl Iterator<Item = (Column, &str)> {
        self.0.iter().map(|(column, name)| (*column, name.as_str()))
    }
}

impl HeadingError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Empty => "write the names of the columns into the first line".into(),
            Self::Separator { .. } => {
                "save the file with commas (RFC 4180); some spreadsheets ask for the field delimiter \
                 when saving"
                    .into()
            }
            Self::Unknown { .. } => {
                let ours: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
                format!(
                    "use {}, or an attribute of the subject: {}",
                    ours.join(", "),
                    attribute_labels().join(", ")
                )
            }
            Self::Twice { .. } => "give each column once".into(),
            Self::NoId { .. } => {
                "give each order a name of its own in a column id: report and files are called after it"
                    .into()
            }
            Self::SubjectTwice { .. } => "give one or the other".into(),
            Self::NoSubject { .. } => {
                "add a column subject, or one for each attribute, such as C, O, CN".into()
            }
            Self::NoKey { .. } => {
                "add a column csr (a file or the request itself) or key (what key to generate)".into()
            }
        }
    }
}

fn column(name: &str) -> Option<Column> {
    let ours = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    ours.map(|(_, column)| *column)
        .or_else(|| attribute_type(name).map(Column::Attribute))
}

/// Spreadsheets of many countries write semicolons and call it comma-separated.
fn refuse_other_separators(heading: &Record) -> Result<(), HeadingError> {
    let [only] = heading.fields.as_slice() else {
        return Ok(());
    };
    for (separator, name) in [(';', "semicolons"), ('\t', "tabs")] {
        if let Some(at) = only.chars().position(|c| c == separator) {
            return Err(HeadingError::Separator {
                line: heading.line,
                character: at + 1,
                separator: name,
            });
        }
    }
    Ok(())
}
