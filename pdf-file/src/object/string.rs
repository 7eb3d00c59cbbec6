//! Strings and what text they stand for (ISO 32000-2, 7.3.4, 7.9.2).

use std::fmt;

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
