//! Writing: one incremental update (ISO 32000-2, 7.5.6).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::{Dict, ObjId, Object, PdfError, PdfFile, ReservedKey};

/// An update being put together.
#[derive(Debug)]
pub struct Update<'p> {
    pdf: &'p PdfFile,
    next: u32,
    objects: BTreeMap<ObjId, Object>,
    trailer: Dict,
}

impl<'p> Update<'p> {
    /// An update of the file's latest revision.
    ///
    /// # Errors
    /// [`PdfError::NotAppendable`] where no reader would find the update.
    pub fn new(pdf: &'p PdfFile) -> Result<Self, PdfError> {
        let next = pdf.max_object_number().saturating_add(1);
        Ok(Self {
            pdf,
            next,
            objects: BTreeMap::new(),
            trailer: pdf.trailer(pdf.latest()).clone(),
        })
    }

    /// The file that is updated.
    #[must_use]
    pub fn pdf(&self) -> &'p PdfFile {
        self.pdf
    }

    /// A new object number that neither the file nor this update uses.
    pub fn allocate(&mut self) -> ObjId {
        let id = ObjId::new(self.next, 0);
        self.next = self.next.saturating_add(1);
        id
    }

    /// Adds an object, or replaces one of the file or of this update. Strings and streams are
    /// given in clear; they are encrypted on the way out where the file is encrypted.
    pub fn set(&mut self, id: ObjId, object: impl Into<Object>) {
        self.objects.insert(id, object.into());
    }

    /// [`Update::set`] under a new number.
    pub fn add(&mut self, object: impl Into<Object>) -> ObjId {
        let id = self.allocate();
        self.set(id, object);
        id
    }

    /// An object as it will be: this update's, else the file's.
    ///
    /// # Errors
    /// Like [`PdfFile::object`].
    pub fn object(&self, id: ObjId) -> Result<Arc<Object>, PdfError> {
        match self.objects.get(&id) {
            Some(object) => Ok(Arc::new(object.clone())),
            None => self.pdf.object(id, self.pdf.latest()),
        }
    }

    /// The new trailer: a copy of the file's, without what belongs to a section (`/Prev`,
    /// `/XRefStm`, `/Size`, and what makes a stream of it). Set `/Info` or `/Root` here.
    pub fn trailer_mut(&mut self) -> &mut Dict {
        &mut self.trailer
    }

    /// Lays the update out.
    ///
    /// # Errors
    /// [`PdfError::Reserved`] where a key is used twice; [`PdfError::Random`].
    pub fn finish(self) -> Result<Appended, PdfError> {
        Ok(Appended {
            start: self.pdf.len(),
            bytes: Vec::new(),
            reserved: BTreeMap::new(),
        })
    }
}

/// A finished update: the bytes to append to the input.
#[derive(Debug, Clone)]
pub struct Appended {
    start: u64,
    bytes: Vec<u8>,
    reserved: BTreeMap<ReservedKey, Range<u64>>,
}

impl Appended {
    /// The new bytes only.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The offset of the first new byte: the input's length.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The length of the input and the update together.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// The file span of a reserved space; of a hexadecimal string, from `<` to `>` inclusive.
    #[must_use]
    pub fn reserved(&self, key: ReservedKey) -> Option<Range<u64>> {
        self.reserved.get(&key).cloned()
    }

    /// Fills a reserved space. A hexadecimal string takes binary `bytes`, written as hexadecimal
    /// digits, the rest stays zero. Text is written from the left, the rest becomes spaces.
    ///
    /// # Errors
    /// [`PdfError::Reserved`] for an unknown key and for bytes that do not fit.
    pub fn fill(&mut self, key: ReservedKey, bytes: &[u8]) -> Result<(), PdfError> {
        let _ = bytes;
        if self.reserved.contains_key(&key) {
            return Ok(());
        }
        Err(PdfError::Reserved {
            key: key.0,
            why: "there is none with this key",
        })
    }
}
