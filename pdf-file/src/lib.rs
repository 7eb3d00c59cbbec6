//! A PDF as the chain of its revisions (ISO 32000-2, 7.5.6).
//!
//! [`PdfFile`] reads lazily, with positional reads, and can show every object as it was in any
//! revision together with the bytes it came from. [`Update`] writes one incremental update: the
//! input's bytes are never touched, only appended to. Signatures are not known here; what a
//! signer needs is space to fill in later ([`Object::Reserved`]) and exact byte spans
//! ([`PdfFile::spanned`]).
//!
//! Everything a hostile file drives is limited by [`Budgets`].
//!
//! # Reading
//!
//! A value is asked for as of a revision; references are followed where a value is wanted.
//!
//! ```
//! use std::sync::Arc;
//!
//! use pdf_file::{MemorySource, OpenOptions, PdfFile};
//!
//! # let document = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Kids [] /Count 0>>\nendobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \ntrailer\n<</Size 3 /Root 1 0 R>>\nstartxref\n107\n%%EOF\n";
//! let pdf = PdfFile::open(Arc::new(MemorySource::new(&document[..])), OpenOptions::new())?;
//! let latest = pdf.latest();
//! let catalog = pdf.get(pdf.trailer(latest), "Root", latest)?;
//! let catalog = catalog.as_dict().expect("a catalog is a dictionary");
//! let pages = pdf.get(catalog, "Pages", latest)?;
//! assert_eq!(pages.as_dict().and_then(|pages| pages.integer("Count")), Some(0));
//! assert_eq!(pdf.revisions().len(), 1);
//! # Ok::<(), pdf_file::PdfError>(())
//! ```
//!
//! # Appending
//!
//! An [`Update`] changes and adds objects; [`Appended::bytes`] follows the input's. `examples/` has it as a
//! program.
//!
//! ```
//! # use std::sync::Arc;
//! # use pdf_file::{MemorySource, OpenOptions, PdfFile};
//! use pdf_file::{Object, Update};
//!
//! # let document = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Kids [] /Count 0>>\nendobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \ntrailer\n<</Size 3 /Root 1 0 R>>\nstartxref\n107\n%%EOF\n";
//! # let pdf = PdfFile::open(Arc::new(MemorySource::new(&document[..])), OpenOptions::new())?;
//! let mut update = Update::new(&pdf)?;
//! let root = pdf.trailer(pdf.latest()).reference("Root").expect("a catalog");
//! let mut catalog = update.object(root)?.as_dict().cloned().expect("a catalog");
//! catalog.set("Lang", Object::text("fr-MC"));
//! update.set(root, catalog);
//! let appended = update.finish()?;
//!
//! let longer = [&document[..], appended.bytes()].concat();
//! let pdf = PdfFile::open(Arc::new(MemorySource::new(longer)), OpenOptions::new())?;
//! assert_eq!(pdf.revisions().len(), 2);
//! # Ok::<(), pdf_file::PdfError>(())
//! ```

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
    Ambiguity, AuthenticatedAs, EncryptionInfo, EncryptionMethod, Location, OpenOptions,
    PdfVersion, Spanned, Spans, Structure,
};
pub use object::{
    Name, ObjId, Object, PdfString, Real, Reserved, ReservedKey, ReservedKind, Stream, StreamData,
    StringForm,
};
pub use pages::{Page, Pages};
pub use revision::{Revision, RevisionId, XrefKind};
pub use source::{FileSource, MemorySource, Source};
pub use update::{Appended, Update};
