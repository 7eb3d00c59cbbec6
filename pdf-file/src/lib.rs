//! A PDF as the chain of its revisions (ISO 32000-2, 7.5.6).
//!
//! [`PdfFile`] reads lazily, with positional reads, and can show every object as it was in any
//! revision together with the bytes it came from. [`Update`] writes one incremental update: the
//! input's bytes are never touched, only appended to. Signatures are not known here; what a
//! signer needs is space to fill in later ([`Object::Reserved`]) and exact byte spans
//! ([`PdfFile::spanned`]).
//!
//! Everything a hostile file drives is limited by [`Budgets`].

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod access;
mod budget;
mod crypt;
mod dict;
mod error;
mod file;
mod filter;
mod fragment;
mod lexer;
mod load;
mod model;
mod object;
mod object_stream;
mod pages;
mod parser;
mod reader;
mod revision;
mod source;
mod update;
mod xref;

pub use budget::Budgets;
pub use dict::Dict;
pub use error::{BudgetKind, PdfError};
pub use file::PdfFile;
pub use fragment::Fragment;
pub use model::{
    AuthenticatedAs, EncryptionInfo, EncryptionMethod, Location, OpenOptions, PdfVersion, Spanned,
    Spans, Structure,
};
pub use object::{
    Name, ObjId, Object, PdfString, Real, Reserved, ReservedKey, ReservedKind, Stream, StreamData,
    StringForm,
};
pub use pages::{Page, Pages};
pub use revision::{Revision, RevisionId, XrefKind};
pub use source::{FileSource, MemorySource, Source};
pub use update::{Appended, Update};
