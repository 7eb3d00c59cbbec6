//! What a [`PdfFile`](crate::PdfFile) tells about itself.

use std::ops::Range;
use std::sync::Arc;

use crate::{Budgets, Name, ObjId, Object, RevisionId};

/// How to open a file.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The limits to read under.
    pub budgets: Budgets,
    /// User or owner password. The empty user password is always tried first.
    pub password: Option<secrecy::SecretString>,
}

impl OpenOptions {
    /// The default limits, no password.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this user or owner password.
    #[must_use]
    pub fn with_password(mut self, password: secrecy::SecretString) -> Self {
        self.password = Some(password);
        self
    }

    /// Under these limits.
    #[must_use]
    pub fn with_budgets(mut self, budgets: Budgets) -> Self {
        self.budgets = budgets;
        self
    }
}

/// A PDF version, such as 1.7 or 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PdfVersion {
    /// Before the point.
    pub major: u8,
    /// After the point.
    pub minor: u8,
}

impl std::fmt::Display for PdfVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// How the objects were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structure {
    /// Through the cross-reference sections that the file names.
    Clean,
    /// The file is damaged: some or all objects were found by scanning it. The revisions of such
    /// a file prove nothing about what was there when.
    Recovered {
        /// What is wrong with the cross-reference data.
        why: String,
    },
}

/// Something in a file's cross-reference data that other readers may take otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ambiguity {
    /// One section, or the table and the stream of a hybrid one, place an object differently.
    TwoEntries {
        /// The object's number.
        number: u32,
        /// The revision of the section.
        revision: RevisionId,
    },
    /// There is a section where `startxref` points to, both counted from the header and from the
    /// first byte.
    TwoBeginnings,
}

/// Where an object's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Directly in the file.
    InFile {
        /// From the object number to the end of `endobj` (or of the object where that is missing).
        span: Range<u64>,
        /// The revision that wrote it.
        revision: RevisionId,
    },
    /// In an object stream.
    InStream {
        /// The object stream.
        stream: ObjId,
        /// The object's place in it.
        index: u32,
        /// The revision whose cross-reference section says so.
        revision: RevisionId,
    },
    /// Deleted by a revision.
    Free {
        /// The revision that freed it.
        revision: RevisionId,
    },
}

/// An object with the byte span of each value in it; see
/// [`PdfFile::spanned`](crate::PdfFile::spanned).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Spanned {
    /// The object, decrypted.
    pub object: Arc<Object>,
    /// The spans, in the shape of the object.
    pub spans: Spans,
    /// From the object number to the end of `endobj`.
    pub whole: Range<u64>,
    /// The revision that wrote the object.
    pub revision: RevisionId,
}

/// The bytes of a value in the file, and of the values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spans {
    /// From the first to the last byte of the value as written, delimiters included: for a
    /// hexadecimal string from `<` to `>` inclusive. A stream's is that of its dictionary.
    pub span: Range<u64>,
    /// The entries of a dictionary, with keys, as written: a key given twice is here twice. The
    /// elements of an array, without keys.
    pub children: Vec<(Option<Name>, Spans)>,
}

impl Spans {
    /// The value of a dictionary's key; the last one where the key is given twice, like
    /// [`Dict::get`](crate::Dict::get).
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&Spans> {
        let key = key.as_ref();
        let mut found = self.children.iter().rev();
        found
            .find(|(name, _)| name.as_ref().is_some_and(|n| n.as_bytes() == key))
            .map(|(_, spans)| spans)
    }

    /// An element of an array.
    #[must_use]
    pub fn index(&self, index: usize) -> Option<&Spans> {
        self.children.get(index).map(|(_, spans)| spans)
    }
}

/// How a document is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptionMethod {
    /// Not at all: the crypt filter is Identity.
    Identity,
    /// RC4 with a key of so many bits.
    Rc4 {
        /// 40 to 128.
        key_bits: u16,
    },
    /// AES-128 in CBC mode, `AESV2`.
    Aes128,
    /// AES-256 in CBC mode, `AESV3`.
    Aes256,
}

/// Whose password opened the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticatedAs {
    /// The user's: permissions bind.
    User,
    /// The owner's: everything is permitted.
    Owner,
}

/// What the encryption dictionary says (ISO 32000-2, 7.6).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptionInfo {
    /// `/V`.
    pub version: i64,
    /// `/R`.
    pub revision: i64,
    /// For strings.
    pub strings: EncryptionMethod,
    /// For streams.
    pub streams: EncryptionMethod,
    /// `/P`: the permission bits (table 22).
    pub permissions: i32,
    /// `/EncryptMetadata`.
    pub encrypt_metadata: bool,
    /// Whose password was given.
    pub authenticated_as: AuthenticatedAs,
}
