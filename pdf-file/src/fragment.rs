//! Objects of one document on their way into another.
//!
//! What a fragment holds refers to itself by numbers of its own; [`Update::graft`] gives every
//! object a new number, as a form XObject (ISO 32000-2, 8.10) made elsewhere needs.

use std::collections::BTreeMap;

use crate::{Dict, ObjId, Object, PdfError, PdfFile, StreamData, Update};

/// More objects than any picture or font needs.
const MAX_OBJECTS: usize = 65_536;

/// An object and everything it refers to, in memory and not encrypted.
#[derive(Debug, Clone)]
pub struct Fragment {
    root: Object,
    objects: BTreeMap<ObjId, Object>,
}

impl Fragment {
    /// `root` with everything it refers to in the latest revision of `pdf`. References to objects
    /// that are missing become references to null (7.3.10).
    ///
    /// # Errors
    /// Like [`PdfFile::object`], and [`PdfError::WrongType`] for more objects than a fragment may
    /// have.
    pub fn extract(pdf: &PdfFile, root: Object) -> Result<Self, PdfError> {
        let mut root = root;
        let mut waiting = Vec::new();
        load(pdf, &mut root, &mut waiting)?;
        let mut objects = BTreeMap::new();
        while let Some(id) = waiting.pop() {
            if objects.contains_key(&id) {
                continue;
            }
            if objects.len() == MAX_OBJECTS {
                return Err(PdfError::WrongType {
                    what: "what is to be copied into another document",
                    expected: "at most 65,536 objects",
                });
            }
            let mut object = (*pdf.object(id, pdf.latest())?).clone();
            load(pdf, &mut object, &mut waiting)?;
            objects.insert(id, object);
        }
        Ok(Self { root, objects })
    }

    /// The object that [`Update::graft`] returns the number of.
    #[must_use]
    pub fn root(&self) -> &Object {
        &self.root
    }

    /// The same, to change it.
    pub fn root_mut(&mut self) -> &mut Object {
        &mut self.root
    }
}

impl Update<'_> {
    /// Adds a fragment under new numbers. Returns the root's.
    pub fn graft(&mut self, fragment: &Fragment) -> ObjId {
        let numbers: BTreeMap<ObjId, ObjId> = fragment
            .objects
            .keys()
            .map(|&id| (id, self.allocate()))
            .collect();
        for (id, object) in &fragment.objects {
            if let Some(&new) = numbers.get(id) {
                self.set(new, renumbered(object, &numbers));
            }
        }
        self.add(renumbered(&fragment.root, &numbers))
    }
}

/// Brings stream data into memory and notes what is referred to.
fn load(pdf: &PdfFile, object: &mut Object, waiting: &mut Vec<ObjId>) -> Result<(), PdfError> {
    match object {
        Object::Reference(id) => waiting.push(*id),
        Object::Array(elements) => {
            for element in elements {
                load(pdf, element, waiting)?;
            }
        }
        Object::Dict(dict) => load_dict(pdf, dict, waiting)?,
        Object::Stream(stream) => {
            stream.data = StreamData::Owned(pdf.raw_stream_data(stream, pdf.latest())?);
            // It is written anew, and may be an object of its own.
            stream.dict.remove("Length");
            load_dict(pdf, &mut stream.dict, waiting)?;
        }
        _ => {}
    }
    Ok(())
}

fn load_dict(pdf: &PdfFile, dict: &mut Dict, waiting: &mut Vec<ObjId>) -> Result<(), PdfError> {
    for (_, value) in dict.values_mut() {
        load(pdf, value, waiting)?;
    }
    Ok(())
}

fn renumbered(object: &Object, numbers: &BTreeMap<ObjId, ObjId>) -> Object {
    let mut object = object.clone();
    renumber(&mut object, numbers);
    object
}

fn renumber(object: &mut Object, numbers: &BTreeMap<ObjId, ObjId>) {
    match object {
        Object::Reference(id) => {
            if let Some(new) = numbers.get(id) {
                *id = *new;
            }
        }
        Object::Array(elements) => {
            for element in elements {
                renumber(element, numbers);
            }
        }
        Object::Dict(dict) => {
            for (_, value) in dict.values_mut() {
                renumber(value, numbers);
            }
        }
        Object::Stream(stream) => {
            for (_, value) in stream.dict.values_mut() {
                renumber(value, numbers);
            }
        }
        _ => {}
    }
}
