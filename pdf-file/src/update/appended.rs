//! A finished update and the spaces in it that are still to be filled.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::{PdfError, ReservedKey, ReservedKind};

/// A finished update: the bytes to append to the input.
#[derive(Debug, Clone)]
pub struct Appended {
    pub(super) start: u64,
    pub(super) bytes: Vec<u8>,
    /// Spans in `bytes`.
    pub(super) reserved: BTreeMap<ReservedKey, (ReservedKind, Range<usize>)>,
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
        let (_, span) = self.reserved.get(&key)?;
        Some(self.start + span.start as u64..self.start + span.end as u64)
    }

    /// Fills a reserved space. A hexadecimal string takes binary `bytes`, written as hexadecimal
    /// digits, the rest stays zero. Text is written from the left, the rest becomes spaces.
    ///
    /// # Errors
    /// [`PdfError::Reserved`] for an unknown key and for bytes that do not fit.
    pub fn fill(&mut self, key: ReservedKey, bytes: &[u8]) -> Result<(), PdfError> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let failed = |why| PdfError::Reserved { key: key.0, why };
        let (kind, span) = self
            .reserved
            .get(&key)
            .cloned()
            .ok_or(failed("there is none with this key"))?;
        let (span, padding, text) = match kind {
            ReservedKind::HexString { .. } => {
                let digits = bytes
                    .iter()
                    .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
                (span.start + 1..span.end - 1, b'0', digits.collect())
            }
            ReservedKind::Text { .. } => (span, b' ', bytes.to_vec()),
        };
        let space = self
            .bytes
            .get_mut(span)
            .ok_or(failed("it lies outside the update"))?;
        if text.len() > space.len() {
            return Err(failed("the bytes do not fit"));
        }
        space.fill(padding);
        for (space, byte) in space.iter_mut().zip(text) {
            *space = byte;
        }
        Ok(())
    }
}
