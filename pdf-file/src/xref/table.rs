//! Classic tables (ISO 32000-2, 7.5.4), read token by token: entries of 19, 20 or 21 bytes and
//! odd line ends all mean the same.

use super::{Entry, Section};
use crate::lexer::is_space;
use crate::parser::Record;
use crate::reader::Reader;
use crate::{BudgetKind, PdfError, XrefKind};

/// Reads the table whose keyword `xref` is at `offset`, and its trailer.
pub(super) fn read(
    reader: &Reader,
    base: u64,
    offset: u64,
    entries_left: &mut usize,
) -> Result<Section, PdfError> {
    let mut cursor = Cursor {
        reader,
        at: offset + 4,
        buffer: Vec::new(),
        start: offset + 4,
    };
    let bad = |why| PdfError::Xref { offset, why };
    let mut entries = Vec::new();
    let mut first_subsection = true;
    loop {
        cursor.skip_space()?;
        match cursor.peek()? {
            Some(b'0'..=b'9') => {}
            Some(b't') => break,
            _ => return Err(bad("a subsection header or `trailer` was expected")),
        }
        let (start, count) = (cursor.number()?, cursor.number()?);
        let (Some(mut start), Some(count)) = (start, count) else {
            return Err(bad("a subsection header is malformed"));
        };
        for index in 0..count {
            cursor.skip_space()?;
            // A count that is too high is harmless where the trailer follows.
            if cursor.peek()? == Some(b't') {
                break;
            }
            let (place, generation) = (cursor.number()?, cursor.number()?);
            cursor.skip_space()?;
            let (Some(place), Some(generation)) = (place, generation) else {
                return Err(bad("an entry is malformed"));
            };
            let entry = match cursor.bump()? {
                // No object is at offset 0, where the header is.
                Some(b'n') if place == 0 => Entry::Free,
                Some(b'n') => Entry::InFile {
                    offset: base.saturating_add(place),
                    generation: u16::try_from(generation).unwrap_or(u16::MAX),
                },
                Some(b'f') => Entry::Free,
                _ => return Err(bad("an entry is neither `n` nor `f`")),
            };
            let heads_free_list = entry == Entry::Free && place == 0 && generation == 65_535;
            if first_subsection && index == 0 && start == 1 && heads_free_list {
                // Some writers count from 1 what begins with object 0.
                start = 0;
            }
            let number = start.checked_add(index).and_then(|n| u32::try_from(n).ok());
            let number = number.ok_or_else(|| bad("an object number is out of range"))?;
            *entries_left = entries_left
                .checked_sub(1)
                .ok_or_else(|| PdfError::budget(BudgetKind::Objects, reader.budgets.objects))?;
            entries.push((number, entry));
        }
        first_subsection = false;
    }
    if !cursor.word(b"trailer")? {
        return Err(bad("`trailer` was expected"));
    }
    let (trailer, end) = reader.parse(cursor.at, Record::Nothing, |parser| {
        let dict = parser.dict()?;
        Ok((dict, parser.offset()))
    })?;
    Ok(Section {
        offset,
        kind: XrefKind::Table,
        entries,
        trailer,
        end,
    })
}

/// Bytes one after the other, read in chunks.
struct Cursor<'r> {
    reader: &'r Reader,
    at: u64,
    buffer: Vec<u8>,
    start: u64,
}

impl Cursor<'_> {
    fn peek(&mut self) -> Result<Option<u8>, PdfError> {
        let index = |at, start| usize::try_from(at - start).unwrap_or(usize::MAX);
        if let Some(&byte) = self.buffer.get(index(self.at, self.start)) {
            return Ok(Some(byte));
        }
        let chunk = if self.buffer.is_empty() {
            4096
        } else {
            64 << 10
        };
        self.buffer = self.reader.read(self.at..self.at.saturating_add(chunk))?;
        self.start = self.at;
        Ok(self.buffer.first().copied())
    }

    fn bump(&mut self) -> Result<Option<u8>, PdfError> {
        let byte = self.peek()?;
        self.at += u64::from(byte.is_some());
        Ok(byte)
    }

    fn skip_space(&mut self) -> Result<(), PdfError> {
        while let Some(byte) = self.peek()? {
            if byte == b'%' {
                while self.peek()?.is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Option<u64>, PdfError> {
        self.skip_space()?;
        let mut value = None;
        while let Some(digit @ b'0'..=b'9') = self.peek()? {
            self.at += 1;
            value = Some(
                value
                    .unwrap_or(0u64)
                    .saturating_mul(10)
                    .saturating_add(u64::from(digit - b'0')),
            );
        }
        Ok(value)
    }

    fn word(&mut self, word: &[u8]) -> Result<bool, PdfError> {
        for &expected in word {
            if self.bump()? != Some(expected) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
