//! Objects as bytes (ISO 32000-2, 7.3), in a form that reads back as the same object.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Appended;
use crate::lexer::is_regular;
use crate::{
    Dict, Name, ObjId, Object, PdfError, PdfString, Reserved, ReservedKey, ReservedKind,
    StreamData, StringForm,
};

pub(crate) struct Serializer {
    start: u64,
    out: Vec<u8>,
    reserved: BTreeMap<ReservedKey, (ReservedKind, Range<usize>)>,
}

impl Serializer {
    /// The first byte written will be at this offset of the file.
    pub(crate) fn new(start: u64) -> Self {
        Self {
            start,
            out: Vec::new(),
            reserved: BTreeMap::new(),
        }
    }

    /// Where in the file the next byte goes.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.out.len() as u64
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.raw(text.as_bytes());
    }

    pub(crate) fn finish(self) -> Appended {
        Appended {
            start: self.start,
            bytes: self.out,
            reserved: self.reserved,
        }
    }

    /// `N G obj`, the object, `endobj`. A stream's data must be in memory, its `/Length` right.
    pub(crate) fn indirect(&mut self, id: ObjId, object: &Object) -> Result<(), PdfError> {
        self.text(&format!("{id} obj\n"));
        self.object(object)?;
        self.text("\nendobj\n");
        Ok(())
    }

    pub(crate) fn object(&mut self, object: &Object) -> Result<(), PdfError> {
        match object {
            Object::Null => self.text("null"),
            Object::Bool(value) => self.text(if *value { "true" } else { "false" }),
            Object::Integer(value) => self.text(&value.to_string()),
            Object::Real(value) => self.text(value.as_str()),
            Object::String(value) => self.string(value),
            Object::Name(value) => self.name(value),
            Object::Array(elements) => self.array(elements)?,
            Object::Dict(dict) => self.dict(dict)?,
            Object::Stream(stream) => {
                self.dict(&stream.dict)?;
                let StreamData::Owned(data) = &stream.data else {
                    return Err(PdfError::WrongType {
                        what: "the data of a stream in an update",
                        expected: "in memory",
                    });
                };
                self.text("\nstream\n");
                self.raw(data);
                self.text("\nendstream");
            }
            Object::Reference(id) => self.text(&format!("{id} R")),
            Object::Reserved(reserved) => self.reserved(*reserved)?,
        }
        Ok(())
    }

    fn array(&mut self, elements: &[Object]) -> Result<(), PdfError> {
        self.text("[");
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                self.text(" ");
            }
            self.object(element)?;
        }
        self.text("]");
        Ok(())
    }

    pub(crate) fn dict(&mut self, dict: &Dict) -> Result<(), PdfError> {
        self.text("<<");
        for (key, value) in dict.iter() {
            self.text(" ");
            self.name(key);
            self.text(" ");
            self.object(value)?;
        }
        self.text(" >>");
        Ok(())
    }

    fn name(&mut self, name: &Name) {
        self.text("/");
        for &byte in name.as_bytes() {
            if byte.is_ascii_graphic() && is_regular(byte) && byte != b'#' {
                self.out.push(byte);
            } else {
                self.text(&format!("#{byte:02x}"));
            }
        }
    }

    fn string(&mut self, string: &PdfString) {
        if string.form == StringForm::Hex {
            self.text("<");
            for byte in &string.bytes {
                self.text(&format!("{byte:02x}"));
            }
            self.text(">");
            return;
        }
        self.text("(");
        for &byte in &string.bytes {
            match byte {
                b'(' | b')' | b'\\' => self.raw(&[b'\\', byte]),
                // Readers turn a bare carriage return into a line feed.
                b'\r' => self.text("\\r"),
                b'\n' => self.text("\\n"),
                0x20..=0x7e => self.out.push(byte),
                _ => self.text(&format!("\\{byte:03o}")),
            }
        }
        self.text(")");
    }

    fn reserved(&mut self, reserved: Reserved) -> Result<(), PdfError> {
        let start = self.out.len();
        match reserved.kind {
            ReservedKind::HexString { bytes } => {
                self.text("<");
                self.out.resize(start + 1 + bytes.saturating_mul(2), b'0');
                self.text(">");
            }
            ReservedKind::Text { width } => self.out.resize(start + width, b' '),
        }
        match self
            .reserved
            .insert(reserved.key, (reserved.kind, start..self.out.len()))
        {
            Some(_) => Err(PdfError::Reserved {
                key: reserved.key.0,
                why: "its key is used twice",
            }),
            None => Ok(()),
        }
    }
}
