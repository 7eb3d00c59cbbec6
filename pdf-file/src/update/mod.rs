//! Writing: one incremental update (ISO 32000-2, 7.5.6).
//!
//! The input is never touched. The update's cross-reference section has the form of the last one
//! in the file (a table after a table or a hybrid, a stream after a stream), so that every reader
//! of the input reads the output. A file that could only be read by scanning it gets one complete
//! section instead, without `/Prev`: from then on readers need not scan.

mod appended;
pub(crate) mod serialize;
mod xref_out;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Dict, ObjId, Object, PdfError, PdfFile, StringForm};
pub use appended::Appended;
use serialize::Serializer;

/// What belongs to one section of the cross-reference data, not to the next.
const SECTION_KEYS: [&str; 11] = [
    "Prev",
    "XRefStm",
    "Size",
    "Type",
    "W",
    "Index",
    "Length",
    "Filter",
    "DecodeParms",
    "F",
    "DL",
];

/// Readers reserve memory by the highest number; beyond this they give up.
const HIGHEST_NUMBER: u32 = i32::MAX as u32 - (1 << 20);

/// An update being put together.
#[derive(Debug)]
pub struct Update<'p> {
    pdf: &'p PdfFile,
    next: u32,
    objects: BTreeMap<ObjId, Arc<Object>>,
    trailer: Dict,
}

impl<'p> Update<'p> {
    /// An update of the file's latest revision.
    ///
    /// # Errors
    /// [`PdfError::NotAppendable`] where no reader would find the update.
    pub fn new(pdf: &'p PdfFile) -> Result<Self, PdfError> {
        let highest = pdf.max_object_number();
        if highest > HIGHEST_NUMBER {
            return Err(PdfError::NotAppendable {
                why: "it uses object numbers beyond what readers accept",
            });
        }
        if pdf.is_recovered() && pdf.has_objects_before_header() {
            return Err(PdfError::NotAppendable {
                why: "objects lie before its header, where no offset reaches them",
            });
        }
        let mut trailer = pdf.trailer(pdf.latest()).clone();
        for key in SECTION_KEYS {
            trailer.remove(key);
        }
        Ok(Self {
            pdf,
            next: highest + 1,
            objects: BTreeMap::new(),
            trailer,
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
        self.next = self.next.max(id.number.saturating_add(1));
        self.objects.insert(id, Arc::new(object.into()));
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
            Some(object) => Ok(Arc::clone(object)),
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
    /// [`PdfError::Reserved`] where a key is used twice; [`PdfError::Random`]; whatever reading a
    /// stream of the file that was set again meets.
    pub fn finish(mut self) -> Result<Appended, PdfError> {
        let start = self.pdf.len();
        let mut out = Serializer::new(start);
        let last = self.pdf.source().as_ref();
        if !ends_with_line_end(last, start)? {
            out.raw(b"\n");
        }
        let mut entries = BTreeMap::new();
        for (&id, object) in &self.objects {
            entries.insert(id.number, (id.generation, out.offset()));
            let object = self.sealed(id, object)?;
            out.indirect(id, &object)?;
        }
        self.renew_id()?;
        xref_out::write(&self, &mut out, entries)?;
        Ok(out.finish())
    }

    /// The object with its strings and its stream data encrypted, and `/Length` right.
    fn sealed<'o>(
        &self,
        id: ObjId,
        object: &'o Object,
    ) -> Result<std::borrow::Cow<'o, Object>, PdfError> {
        use std::borrow::Cow;
        let crypt = self.pdf.crypt.as_ref();
        let mut object = match object {
            Object::Stream(_) => object.clone(),
            _ if crypt.is_some() => object.clone(),
            _ => return Ok(Cow::Borrowed(object)),
        };
        if let Object::Stream(stream) = &mut object {
            let mut data = self.pdf.raw_stream_data(stream, self.pdf.latest())?;
            if let Some(crypt) = crypt {
                let steps = self.pdf.filter_steps(stream, self.pdf.latest())?;
                data = crypt
                    .encrypt_stream(id, &stream.dict, &steps, &data)?
                    .into();
            }
            stream
                .dict
                .set("Length", i64::try_from(data.len()).unwrap_or(i64::MAX));
            stream.data = crate::StreamData::Owned(data);
        }
        if let Some(crypt) = crypt {
            crypt.encrypt_strings(id, &mut object)?;
        }
        Ok(Cow::Owned(object))
    }

    /// The first identifier stays, the second tells this version from others (14.4).
    fn renew_id(&mut self) -> Result<(), PdfError> {
        let id = self.pdf.get(&self.trailer, "ID", self.pdf.latest())?;
        let Some([first, _, ..]) = id.as_array() else {
            return Ok(());
        };
        let first = self.pdf.resolve(first, self.pdf.latest())?;
        let Object::String(first) = &*first else {
            return Ok(());
        };
        let mut first = first.clone();
        first.form = StringForm::Hex;
        let mut fresh = [0; 16];
        getrandom::fill(&mut fresh).map_err(|_| PdfError::Random)?;
        self.trailer
            .set("ID", vec![Object::String(first), Object::hex_string(fresh)]);
        Ok(())
    }
}

fn ends_with_line_end(source: &dyn crate::Source, len: u64) -> Result<bool, PdfError> {
    let mut last = [0];
    let offset = len.saturating_sub(1);
    source
        .read_exact_at(offset, &mut last)
        .map_err(|source| PdfError::Io {
            offset,
            length: 1,
            source,
        })?;
    Ok(matches!(last, [b'\n' | b'\r']))
}
