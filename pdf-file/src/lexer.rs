//! Tokens (ISO 32000-2, 7.2 and 7.3), read from a window of the file.
//!
//! The window may end in the middle of a token. The lexer then notes that it looked past the end
//! ([`Lexer::hit_end`]), and the reader tries again with a longer window. It never fails: what is
//! no token at all comes out as a keyword for the parser to judge.

use crate::object::Real;
use crate::{Name, PdfString, StringForm};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token<'a> {
    Integer(i64),
    Real(Real),
    String(PdfString),
    Name(Name),
    ArrayOpen,
    ArrayClose,
    DictOpen,
    DictClose,
    /// Any other run of regular characters, or a stray delimiter.
    Keyword(&'a [u8]),
    End,
}

pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    pos: usize,
    hit_end: bool,
}

/// White space of table 1.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Delimiters of table 2.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

/// Neither white space nor delimiter.
pub(crate) fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !is_delimiter(byte)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            pos: 0,
            hit_end: false,
        }
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    pub(crate) fn set_pos(&mut self, pos: usize) {
        self.pos = pos.min(self.bytes.len());
    }

    /// Whether any token so far needed a byte after the window's last.
    pub(crate) fn hit_end(&self) -> bool {
        self.hit_end
    }

    pub(crate) fn peek(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.pos).copied();
        self.hit_end |= byte.is_none();
        byte
    }

    pub(crate) fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.pos += 1;
        Some(byte)
    }

    /// Skips white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.pos += 1;
                }
            } else if is_space(byte) {
                self.pos += 1;
            } else {
                break;
            }
        }
    }

    /// The next token; its first byte is where `skip_space` would stop.
    pub(crate) fn next(&mut self) -> Token<'a> {
        self.skip_space();
        let start = self.pos;
        let Some(byte) = self.bump() else {
            return Token::End;
        };
        match byte {
            b'[' => Token::ArrayOpen,
            b']' => Token::ArrayClose,
            b'(' => self.literal_string(),
            b'/' => self.name(),
            b'<' if self.peek() == Some(b'<') => {
                self.pos += 1;
                Token::DictOpen
            }
            b'<' => self.hex_string(),
            b'>' if self.peek() == Some(b'>') => {
                self.pos += 1;
                Token::DictClose
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number(start),
            byte if is_regular(byte) => {
                while self.peek().is_some_and(is_regular) {
                    self.pos += 1;
                }
                Token::Keyword(self.bytes.get(start..self.pos).unwrap_or_default())
            }
            _ => Token::Keyword(self.bytes.get(start..self.pos).unwrap_or_default()),
        }
    }

    /// A number ends where letters begin, so that `12endobj` reads as readers take it.
    fn number(&mut self, start: usize) -> Token<'a> {
        while self
            .peek()
            .is_some_and(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.'))
        {
            self.pos += 1;
        }
        let text = self.bytes.get(start..self.pos).unwrap_or_default();
        match std::str::from_utf8(text).ok().and_then(|t| t.parse().ok()) {
            Some(value) => Token::Integer(value),
            None => Token::Real(Real::from_file(text)),
        }
    }

    fn name(&mut self) -> Token<'a> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek() {
            if !is_regular(byte) {
                break;
            }
            self.pos += 1;
            let digits = (byte == b'#').then(|| self.two_hex_digits()).flatten();
            name.push(digits.unwrap_or(byte));
        }
        Token::Name(Name::from(name))
    }

    fn two_hex_digits(&mut self) -> Option<u8> {
        self.hit_end |= self.bytes.len() < self.pos + 2;
        let high = hex_digit(*self.bytes.get(self.pos)?)?;
        let low = hex_digit(*self.bytes.get(self.pos + 1)?)?;
        self.pos += 2;
        Some(high << 4 | low)
    }

    /// 7.3.4.2.
    fn literal_string(&mut self) -> Token<'a> {
        let mut bytes = Vec::new();
        let mut open = 1usize;
        while let Some(byte) = self.bump() {
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut bytes);
                    continue;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.pos += 1;
                    }
                    bytes.push(b'\n');
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
        Token::String(PdfString {
            bytes,
            form: StringForm::Literal,
        })
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let Some(byte) = self.bump() else { return };
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.pos += 1;
                }
            }
            b'0'..=b'7' => {
                let mut value = u16::from(byte - b'0');
                for _ in 0..2 {
                    match self.peek() {
                        Some(digit @ b'0'..=b'7') => {
                            value = value << 3 | u16::from(digit - b'0');
                            self.pos += 1;
                        }
                        _ => break,
                    }
                }
                // High-order overflow is ignored (table 3).
                bytes.push(value.to_le_bytes()[0]);
            }
            other => bytes.push(other),
        }
    }

    /// 7.3.4.3; characters that are no digits are skipped.
    fn hex_string(&mut self) -> Token<'a> {
        let mut bytes = Vec::new();
        let mut high = None;
        while let Some(byte) = self.bump() {
            if byte == b'>' {
                break;
            }
            let Some(digit) = hex_digit(byte) else {
                continue;
            };
            match high.take() {
                None => high = Some(digit),
                Some(high) => bytes.push(high << 4 | digit),
            }
        }
        bytes.extend(high.map(|high| high << 4));
        Token::String(PdfString {
            bytes,
            form: StringForm::Hex,
        })
    }
}
