//! A revision: what one save added (ISO 32000-2, 7.5.6).

use crate::Dict;

/// The place of a revision in [`PdfFile::revisions`](crate::PdfFile::revisions): 0 is the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionId(pub usize);

/// The form of a revision's cross-reference data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefKind {
    /// A classic table (7.5.4).
    Table,
    /// A cross-reference stream (7.5.8).
    Stream,
    /// A table with `/XRefStm` (7.5.8.4).
    Hybrid,
    /// None that is usable: the objects were found by scanning the file.
    Scanned,
}

/// One revision of a file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Revision {
    /// Its place in the chain.
    pub id: RevisionId,
    /// Offset of the first byte after the `%%EOF`, and its end-of-line marker, that closes the
    /// revision. The end of the file where no such marker follows.
    pub end: u64,
    /// Offset of the first byte after `%%EOF` itself. Whether the end-of-line marker after it
    /// belongs to this save or to the next, writers see differently.
    pub eof: u64,
    /// Whether a `startxref` naming this revision's section, and `%%EOF`, were found at `end`.
    pub closed: bool,
    /// Offset in the file (not relative to the header) of its cross-reference section: what
    /// `startxref` should lead to.
    pub startxref: u64,
    /// The form of that section.
    pub xref_kind: XrefKind,
    /// Offsets in the file of all sections merged into this revision: more than one for
    /// linearized and hybrid files.
    pub sections: Vec<u64>,
    pub(crate) trailer: Dict,
}
