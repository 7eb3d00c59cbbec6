//! The file: opened once, read lazily, seen as of any of its revisions.

use std::ops::Range;
use std::sync::Arc;

use crate::{Budgets, Dict, Name, ObjId, Object, PdfError, Revision, RevisionId, Source, Stream};

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

/// An object with the byte span of each value in it; see [`PdfFile::spanned`].
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
    /// [`Dict::get`].
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

/// An open PDF.
pub struct PdfFile {
    source: Arc<dyn Source>,
}

impl std::fmt::Debug for PdfFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PdfFile")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl PdfFile {
    /// Reads the header and the cross-reference chain, and opens the encryption if there is one.
    ///
    /// # Errors
    /// [`PdfError::NotPdf`], [`PdfError::Unrecoverable`], [`PdfError::PasswordRequired`] and
    /// their kin; [`PdfError::Budget`] for files that want too much.
    pub fn open(source: Arc<dyn Source>, options: OpenOptions) -> Result<Self, PdfError> {
        let _ = options;
        if source.is_empty() {
            return Err(PdfError::Empty);
        }
        Ok(Self { source })
    }

    /// Where the bytes come from.
    #[must_use]
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// Bytes in the file.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // an empty file does not open
    pub fn len(&self) -> u64 {
        self.source.len()
    }

    /// The header's version, or the catalog's `/Version` as of the latest revision if higher.
    #[must_use]
    pub fn version(&self) -> PdfVersion {
        PdfVersion { major: 1, minor: 7 }
    }

    /// Bytes before `%PDF-`. Offsets in the file's cross-reference data are relative to the
    /// header; all offsets in this API are relative to the first byte of the file.
    #[must_use]
    pub fn header_offset(&self) -> u64 {
        0
    }

    /// The revisions, oldest first; never empty. A linearized file's two parts are one revision,
    /// and so are a hybrid file's table and stream.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &[]
    }

    /// The newest revision.
    #[must_use]
    pub fn latest(&self) -> RevisionId {
        RevisionId(self.revisions().len().saturating_sub(1))
    }

    /// Whether the file's own cross-reference data could be used.
    #[must_use]
    pub fn structure(&self) -> Structure {
        Structure::Clean
    }

    /// The trailer as of a revision. An unknown revision counts as the latest.
    #[must_use]
    pub fn trailer(&self, at: RevisionId) -> &Dict {
        let _ = at;
        static EMPTY: std::sync::LazyLock<Dict> = std::sync::LazyLock::new(Dict::new);
        &EMPTY
    }

    /// An object as of a revision, decrypted. A missing or free object, or another generation of
    /// it, is [`Object::Null`] (ISO 32000-2, 7.3.10).
    ///
    /// # Errors
    /// [`PdfError::Syntax`] where the bytes cannot be parsed; budgets; I/O.
    pub fn object(&self, id: ObjId, at: RevisionId) -> Result<Arc<Object>, PdfError> {
        let _ = (id, at);
        Ok(Arc::new(Object::Null))
    }

    /// Where an object is as of a revision; `None` where no section mentions it.
    #[must_use]
    pub fn location(&self, id: ObjId, at: RevisionId) -> Option<Location> {
        let _ = (id, at);
        None
    }

    /// An object with the exact file span of each value in it.
    ///
    /// # Errors
    /// [`PdfError::NoSpan`] for objects that are missing or lie in an object stream, else like
    /// [`PdfFile::object`].
    pub fn spanned(&self, id: ObjId, at: RevisionId) -> Result<Spanned, PdfError> {
        let _ = at;
        Err(PdfError::NoSpan {
            id,
            why: "it does not exist",
        })
    }

    /// The objects whose entries a revision added, replaced or freed, in ascending order.
    pub fn changed_objects(&self, revision: RevisionId) -> impl Iterator<Item = ObjId> + '_ {
        let _ = revision;
        std::iter::empty()
    }

    /// Follows references until there is a value.
    ///
    /// # Errors
    /// [`PdfError::ReferenceCycle`]; else like [`PdfFile::object`].
    pub fn resolve(&self, object: &Object, at: RevisionId) -> Result<Arc<Object>, PdfError> {
        match object {
            Object::Reference(id) => self.object(*id, at),
            direct => Ok(Arc::new(direct.clone())),
        }
    }

    /// The resolved value of a dictionary's key; [`Object::Null`] where it is missing.
    ///
    /// # Errors
    /// Like [`PdfFile::resolve`].
    pub fn get(&self, dict: &Dict, key: &str, at: RevisionId) -> Result<Arc<Object>, PdfError> {
        dict.get(key).map_or_else(
            || Ok(Arc::new(Object::Null)),
            |value| self.resolve(value, at),
        )
    }

    /// A stream's data, decrypted and decoded through all its filters: Flate and LZW with their
    /// predictors, ASCIIHex, ASCII85, RunLength, Crypt.
    ///
    /// # Errors
    /// [`PdfError::UnsupportedFilter`] for image filters, [`PdfError::Filter`], budgets.
    pub fn stream_data(&self, stream: &Stream, at: RevisionId) -> Result<Vec<u8>, PdfError> {
        let _ = (stream, at);
        Ok(Vec::new())
    }

    /// A stream's data, decrypted but still encoded by its filters.
    ///
    /// # Errors
    /// Budgets, I/O, and data that does not decrypt.
    pub fn raw_stream_data(&self, stream: &Stream, at: RevisionId) -> Result<Arc<[u8]>, PdfError> {
        let _ = (stream, at);
        Ok(Arc::from([]))
    }

    /// The highest object number in use, freed, or announced by `/Size`.
    #[must_use]
    pub fn max_object_number(&self) -> u32 {
        0
    }

    /// The encryption, if the document has one.
    #[must_use]
    pub fn encryption(&self) -> Option<&EncryptionInfo> {
        None
    }
}
