//! The object model (ISO 32000-2, 7.3).
//!
//! Values keep what a signer must not lose: the order of dictionary entries, the text of real
//! numbers, the form of strings.

mod name;
mod real;
mod reserved;
mod stream;
mod string;

use std::fmt;

use crate::Dict;

pub use name::Name;
pub use real::Real;
pub use reserved::{Reserved, ReservedKey, ReservedKind};
pub use stream::{Stream, StreamData};
pub use string::{PdfString, StringForm};

/// The identity of an indirect object (7.3.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjId {
    /// Object number, from 1; 0 heads the free list.
    pub number: u32,
    /// Generation number.
    pub generation: u16,
}

impl ObjId {
    /// An identity from its two numbers.
    #[must_use]
    pub const fn new(number: u32, generation: u16) -> Self {
        Self { number, generation }
    }
}

impl fmt::Display for ObjId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.generation)
    }
}

/// A PDF value.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// `null`, and what a reference to a missing object means (7.3.10).
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer. One that does not fit is a [`Object::Real`].
    Integer(i64),
    /// A real number with the text it was written as.
    Real(Real),
    /// A string, decrypted.
    String(PdfString),
    /// A name.
    Name(Name),
    /// An array.
    Array(Vec<Object>),
    /// A dictionary.
    Dict(Dict),
    /// A stream.
    Stream(Box<Stream>),
    /// An indirect reference.
    Reference(ObjId),
    /// Space in an update that is filled in after the update is laid out. Never read from a file,
    /// never encrypted.
    Reserved(Reserved),
}

impl Object {
    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one. A real is not.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of an integer or a real.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            #[allow(clippy::cast_precision_loss)]
            Self::Integer(value) => Some(*value as f64),
            Self::Real(real) => Some(real.value()),
            _ => None,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_string(&self) -> Option<&PdfString> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The name, if it is one.
    #[must_use]
    pub fn as_name(&self) -> Option<&Name> {
        match self {
            Self::Name(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(value) => Some(value),
            _ => None,
        }
    }

    /// The dictionary: of a dictionary, or of a stream.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(value) => Some(value),
            Self::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }

    /// The stream, if it is one.
    #[must_use]
    pub fn as_stream(&self) -> Option<&Stream> {
        match self {
            Self::Stream(value) => Some(value),
            _ => None,
        }
    }

    /// What it refers to, if it is a reference.
    #[must_use]
    pub fn as_reference(&self) -> Option<ObjId> {
        match self {
            Self::Reference(id) => Some(*id),
            _ => None,
        }
    }

    /// A literal string of these bytes.
    pub fn string(bytes: impl Into<Vec<u8>>) -> Self {
        Self::String(PdfString {
            bytes: bytes.into(),
            form: StringForm::Literal,
        })
    }

    /// A string of these bytes in hexadecimal form.
    pub fn hex_string(bytes: impl Into<Vec<u8>>) -> Self {
        Self::String(PdfString {
            bytes: bytes.into(),
            form: StringForm::Hex,
        })
    }

    /// A text string (7.9.2.2): PDFDocEncoding where ASCII suffices, else UTF-16BE with its mark.
    #[must_use]
    pub fn text(text: &str) -> Self {
        if text.is_ascii()
            && text
                .bytes()
                .all(|b| b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r'))
        {
            return Self::string(text);
        }
        let mut bytes = vec![0xfe, 0xff];
        bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        Self::string(bytes)
    }

    /// A name.
    pub fn name(name: impl Into<Name>) -> Self {
        Self::Name(name.into())
    }

    /// A number: an integer where it has no fraction, else at most five decimals.
    #[must_use]
    pub fn number(value: f64) -> Self {
        if value.fract() == 0.0 && value.abs() < 1e15 {
            #[allow(clippy::cast_possible_truncation)]
            return Self::Integer(value as i64);
        }
        Self::Real(Real::from(value))
    }
}

impl From<bool> for Object {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Object {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Name> for Object {
    fn from(value: Name) -> Self {
        Self::Name(value)
    }
}

impl From<PdfString> for Object {
    fn from(value: PdfString) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Object>> for Object {
    fn from(value: Vec<Object>) -> Self {
        Self::Array(value)
    }
}

impl From<Dict> for Object {
    fn from(value: Dict) -> Self {
        Self::Dict(value)
    }
}

impl From<Stream> for Object {
    fn from(value: Stream) -> Self {
        Self::Stream(Box::new(value))
    }
}

impl From<ObjId> for Object {
    fn from(value: ObjId) -> Self {
        Self::Reference(value)
    }
}

impl From<Reserved> for Object {
    fn from(value: Reserved) -> Self {
        Self::Reserved(value)
    }
}
