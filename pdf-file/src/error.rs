//! What can be wrong with a file, and what to do about it.

use crate::ObjId;

/// Why a PDF could not be read or appended to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PdfError {
    /// The source failed.
    #[error("cannot read {length} bytes at offset {offset}")]
    Io {
        /// Where the read started.
        offset: u64,
        /// How many bytes were wanted.
        length: u64,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The source holds no byte.
    #[error("the file is empty")]
    Empty,
    /// There is neither a `%PDF-` header nor anything else that makes a file a PDF.
    #[error("this is not a PDF: {why}")]
    NotPdf {
        /// What was missing.
        why: &'static str,
    },
    /// Bytes at `offset` are not what the syntax (ISO 32000-2, 7.2 and 7.3) wants there.
    #[error("malformed object at offset {offset}: expected {expected}")]
    Syntax {
        /// Offset in the file, or in the decoded object stream that holds the object.
        offset: u64,
        /// What should have been there.
        expected: &'static str,
    },
    /// A cross-reference section is unusable (ISO 32000-2, 7.5.4 and 7.5.8).
    #[error("unusable cross-reference section at offset {offset}: {why}")]
    Xref {
        /// Where it was looked for.
        offset: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The cross-reference data is damaged, and scanning the file did not find a document either.
    #[error("damaged beyond repair: {damage}; a scan of the whole file found {found}")]
    Unrecoverable {
        /// Why the regular way failed.
        damage: String,
        /// What the scan lacks.
        found: &'static str,
    },
    /// The document is encrypted and the empty user password does not open it.
    #[error("the document is encrypted and needs a password")]
    PasswordRequired,
    /// The given password is neither the user's nor the owner's, and the empty one fails too.
    #[error("the password does not open the document")]
    WrongPassword,
    /// Encrypted for certificates (ISO 32000-2, 7.6.5).
    #[error(
        "the document is encrypted for certificates (security handler {handler}), which is not supported"
    )]
    PublicKeyEncryption {
        /// `/Filter` of the encryption dictionary.
        handler: String,
    },
    /// An encryption method outside ISO 32000-2, 7.6.
    #[error("unsupported encryption: {what}")]
    UnsupportedEncryption {
        /// Which handler, version or revision.
        what: String,
    },
    /// The encryption dictionary contradicts itself, or data does not decrypt.
    #[error("unusable encryption data: {why}")]
    Encryption {
        /// What is wrong.
        why: &'static str,
    },
    /// A stream's data does not decode.
    #[error("stream data does not decode: {filter}: {why}")]
    Filter {
        /// The filter's name.
        filter: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A filter that this library does not decode (images: DCT, JPX, CCITT, JBIG2).
    #[error("filter {name} is not decoded here")]
    UnsupportedFilter {
        /// The filter's name.
        name: String,
    },
    /// A budget is spent; see [`Budgets`](crate::Budgets).
    #[error("the file exceeds the budget of {limit} {what}")]
    Budget {
        /// Which limit.
        what: BudgetKind,
        /// Its value.
        limit: u64,
    },
    /// References lead back to themselves.
    #[error("object {id} refers to itself")]
    ReferenceCycle {
        /// An object on the cycle.
        id: ObjId,
    },
    /// An object has another type than its place demands.
    #[error("{what} is not {expected}")]
    WrongType {
        /// Which value.
        what: &'static str,
        /// The type wanted.
        expected: &'static str,
    },
    /// The page tree cannot be walked.
    #[error("damaged page tree: {why}")]
    PageTree {
        /// What is wrong.
        why: &'static str,
    },
    /// There is no such page.
    #[error("there is no page {number}: the document has {count}")]
    NoSuchPage {
        /// The page asked for, counted from 1.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The object lies in an object stream, so its bytes have no place of their own in the file.
    #[error("object {id} has no byte span of its own: {why}")]
    NoSpan {
        /// Which object.
        id: ObjId,
        /// Why there is none.
        why: &'static str,
    },
    /// No update can be appended to this file in a way that readers would understand.
    #[error("cannot append to this file: {why}")]
    NotAppendable {
        /// The reason.
        why: &'static str,
    },
    /// The reserved space is unknown, given twice, or too small.
    #[error("reserved space {key}: {why}")]
    Reserved {
        /// The number of the [`ReservedKey`](crate::ReservedKey).
        key: u32,
        /// What is wrong.
        why: &'static str,
    },
    /// The system has no random bytes, which encryption and file identifiers need.
    #[error("no random bytes from the system")]
    Random,
}

impl PdfError {
    /// What the user can do, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::PasswordRequired => "give the document's user or owner password",
            Self::WrongPassword => {
                "check the password; either the user password or the owner password opens the document"
            }
            Self::PublicKeyEncryption { .. } => {
                "ask its author for a copy that is encrypted with a password or not at all"
            }
            Self::UnsupportedEncryption { .. } => {
                "save it with the standard security handler (AES-256) or without encryption"
            }
            Self::NotPdf { .. } | Self::Empty => {
                "check that this is the right file and that it was transferred completely"
            }
            Self::Unrecoverable { .. }
            | Self::PageTree { .. }
            | Self::Xref { .. }
            | Self::NotAppendable { .. } => {
                "open it in a PDF editor and save it under a new name, then try again with the repaired copy"
            }
            Self::Budget { .. } => {
                "if the file comes from a source you trust, raise the limit; otherwise treat it as hostile"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// Whether the document is encrypted in a way that cannot be opened (as opposed to damaged).
    pub(crate) fn is_about_encryption(&self) -> bool {
        matches!(
            self,
            Self::PasswordRequired
                | Self::WrongPassword
                | Self::PublicKeyEncryption { .. }
                | Self::UnsupportedEncryption { .. }
                | Self::Encryption { .. }
        )
    }

    pub(crate) fn budget(what: BudgetKind, limit: impl TryInto<u64>) -> Self {
        Self::Budget {
            what,
            limit: limit.try_into().unwrap_or(u64::MAX),
        }
    }
}

/// Which of the [`Budgets`](crate::Budgets) is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetKind {
    /// [`Budgets::objects`](crate::Budgets::objects)
    Objects,
    /// [`Budgets::xref_sections`](crate::Budgets::xref_sections)
    XrefSections,
    /// [`Budgets::nesting_depth`](crate::Budgets::nesting_depth)
    NestingDepth,
    /// [`Budgets::object_bytes`](crate::Budgets::object_bytes)
    ObjectBytes,
    /// [`Budgets::long_object_bytes`](crate::Budgets::long_object_bytes)
    LongObjectBytes,
    /// [`Budgets::object_values`](crate::Budgets::object_values)
    ObjectValues,
    /// [`Budgets::stream_bytes`](crate::Budgets::stream_bytes)
    StreamBytes,
    /// [`Budgets::structure_bytes`](crate::Budgets::structure_bytes)
    StructureBytes,
    /// [`Budgets::filters`](crate::Budgets::filters)
    Filters,
    /// [`Budgets::scan_bytes`](crate::Budgets::scan_bytes)
    ScanBytes,
    /// [`Budgets::reference_hops`](crate::Budgets::reference_hops)
    ReferenceHops,
    /// [`Budgets::page_nodes`](crate::Budgets::page_nodes)
    PageNodes,
}

impl std::fmt::Display for BudgetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Objects => "cross-reference entries",
            Self::XrefSections => "cross-reference sections",
            Self::NestingDepth => "levels of nesting",
            Self::ObjectBytes => "bytes in one object",
            Self::LongObjectBytes => "bytes in long objects",
            Self::ObjectValues => "values in one object",
            Self::StreamBytes => "decoded bytes in one stream",
            Self::StructureBytes => "decoded bytes in cross-reference and object streams",
            Self::Filters => "filters on one stream",
            Self::ScanBytes => "bytes searched in a damaged file",
            Self::ReferenceHops => "references followed in a row",
            Self::PageNodes => "page tree nodes",
        })
    }
}
