//! The object model (ISO 32000-2, 7.3).
//!
//! Values keep what a signer must not lose: the order of dictionary entries, the text of real
//! numbers, the form of strings.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::Dict;

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

/// A real number (7.3.3), kept as text so that it is written back as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Real(Box<str>);

impl Real {
    /// `text` as found in a file. It need not be well formed; see [`Real::as_str`].
    pub(crate) fn from_file(text: &[u8]) -> Self {
        let mut real: String = text.iter().map(|&b| char::from(b)).collect();
        if !is_wellformed_number(&real) {
            real = format_real(lenient_value(&real));
        }
        Self(real.into())
    }

    /// The number as text that any reader accepts. Numbers that were malformed in the file
    /// (`--1`, `1.2.3`) are given with the value that readers commonly take from them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<f64> for Real {
    fn from(value: f64) -> Self {
        Self(format_real(value).into())
    }
}

fn is_wellformed_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    !(whole.is_empty() && fraction.is_empty())
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
}

/// Signs may repeat, a second point or an inner sign ends the number.
fn lenient_value(text: &str) -> f64 {
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches(['+', '-']);
    let mut points = 0;
    let end = digits
        .find(|c: char| {
            points += usize::from(c == '.');
            !(c.is_ascii_digit() || c == '.') || points > 1
        })
        .unwrap_or(digits.len());
    let value: f64 = digits
        .get(..end)
        .and_then(|d| d.parse().ok())
        .unwrap_or(0.0);
    if negative { -value } else { value }
}

/// Never an exponent: PDF has none.
fn format_real(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.5}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// How a string is written (7.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringForm {
    /// In parentheses.
    Literal,
    /// In hexadecimal between angle brackets.
    Hex,
}

/// A string: bytes, decoded from their written form and decrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct PdfString {
    /// The bytes that the string stands for.
    pub bytes: Vec<u8>,
    /// How it was, or is to be, written.
    pub form: StringForm,
}

impl PdfString {
    /// The string as text (7.9.2.2): UTF-16BE or UTF-8 with their marks, else PDFDocEncoding.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self.bytes.as_slice() {
            [0xfe, 0xff, rest @ ..] => utf16_text(rest, u16::from_be_bytes),
            [0xff, 0xfe, rest @ ..] => utf16_text(rest, u16::from_le_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            bytes => bytes.iter().map(|&b| pdf_doc_char(b)).collect(),
        }
    }
}

fn utf16_text(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// PDFDocEncoding (ISO 32000-2, annex D.2): Latin-1 but for two ranges.
fn pdf_doc_char(byte: u8) -> char {
    const LOW: [char; 8] = [
        '\u{2d8}', '\u{2c7}', '\u{2c6}', '\u{2d9}', '\u{2dd}', '\u{2db}', '\u{2da}', '\u{2dc}',
    ];
    const HIGH: [char; 33] = [
        '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}',
        '\u{2044}', '\u{2039}', '\u{203a}', '\u{2212}', '\u{2030}', '\u{201e}', '\u{201c}',
        '\u{201d}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{2122}', '\u{fb01}', '\u{fb02}',
        '\u{141}', '\u{152}', '\u{160}', '\u{178}', '\u{17d}', '\u{131}', '\u{142}', '\u{153}',
        '\u{161}', '\u{17e}', '\u{fffd}', '\u{20ac}',
    ];
    match byte {
        0x18..=0x1f => LOW[usize::from(byte - 0x18)],
        0x80..=0xa0 => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

impl fmt::Debug for PdfString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({})", self.bytes.escape_ascii())
    }
}

/// A name (7.3.5): bytes, with `#xx` decoded, without the slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<[u8]>);

impl Name {
    /// The name's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name as text, where it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The name for messages.
    #[must_use]
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0.escape_ascii())
    }
}

impl AsRef<[u8]> for Name {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(value: &str) -> Self {
        Self(value.as_bytes().into())
    }
}

impl From<String> for Name {
    fn from(value: String) -> Self {
        Self(value.into_bytes().into())
    }
}

impl From<&[u8]> for Name {
    fn from(value: &[u8]) -> Self {
        Self(value.into())
    }
}

impl From<Vec<u8>> for Name {
    fn from(value: Vec<u8>) -> Self {
        Self(value.into())
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

/// A stream (7.3.8): a dictionary and data.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// The stream dictionary. `/Length` of a new stream is set when it is written.
    pub dict: Dict,
    /// Where the data is.
    pub data: StreamData,
}

/// A stream's data, still encoded by its `/Filter`.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamData {
    /// In the file, perhaps encrypted; read with
    /// [`PdfFile::raw_stream_data`](crate::PdfFile::raw_stream_data) or
    /// [`PdfFile::stream_data`](crate::PdfFile::stream_data).
    InFile {
        /// The data's bytes in the file.
        span: Range<u64>,
        /// The stream object, whose number and generation are part of its encryption key.
        owner: ObjId,
    },
    /// In memory, not encrypted.
    Owned(Arc<[u8]>),
}

impl Stream {
    /// A new stream. `data` is encoded as `/Filter` in `dict` says.
    pub fn new(dict: Dict, data: impl Into<Arc<[u8]>>) -> Self {
        Self {
            dict,
            data: StreamData::Owned(data.into()),
        }
    }

    /// A new stream of these bytes, compressed with Flate.
    #[must_use]
    pub fn deflated(mut dict: Dict, data: &[u8]) -> Self {
        dict.set("Filter", Name::from("FlateDecode"));
        dict.remove("DecodeParms");
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        // Writing to memory does not fail.
        let encoded = std::io::Write::write_all(&mut encoder, data).and_then(|()| encoder.finish());
        match encoded {
            Ok(encoded) => Self::new(dict, encoded),
            Err(_) => {
                dict.remove("Filter");
                Self::new(dict, data)
            }
        }
    }
}

/// The caller's name for a reserved space; unique in one update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservedKey(pub u32);

/// A space in an update, filled in once the update is laid out and its offsets are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// The name under which [`Appended::fill`](crate::Appended::fill) finds it.
    pub key: ReservedKey,
    /// Its form and size.
    pub kind: ReservedKind,
}

/// The form of a reserved space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReservedKind {
    /// A hexadecimal string with room for so many bytes, zero until filled: `<000..>`.
    HexString {
        /// Bytes it can hold (half the number of digits).
        bytes: usize,
    },
    /// So many spaces, to be overwritten with ASCII text such as a number.
    Text {
        /// Characters it can hold.
        width: usize,
    },
}

impl Object {
    /// Reserved space for a hexadecimal string of at most `bytes` bytes.
    #[must_use]
    pub fn reserved_hex(key: ReservedKey, bytes: usize) -> Self {
        Self::Reserved(Reserved {
            key,
            kind: ReservedKind::HexString { bytes },
        })
    }

    /// Reserved space for `width` characters.
    #[must_use]
    pub fn reserved_text(key: ReservedKey, width: usize) -> Self {
        Self::Reserved(Reserved {
            key,
            kind: ReservedKind::Text { width },
        })
    }
}
