//! Windows of the file: the only place that reads from the source.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::parser::{Parser, Record};
use crate::{BudgetKind, Budgets, PdfError, Source};

/// Most objects fit.
const FIRST_WINDOW: u64 = 2048;

pub(crate) struct Reader {
    source: Arc<dyn Source>,
    pub(crate) budgets: Budgets,
    scanned: AtomicU64,
    structure: AtomicU64,
    long_objects: AtomicU64,
}

impl Reader {
    pub(crate) fn new(source: Arc<dyn Source>, budgets: Budgets) -> Self {
        Self {
            source,
            budgets,
            scanned: AtomicU64::new(0),
            structure: AtomicU64::new(0),
            long_objects: AtomicU64::new(0),
        }
    }

    pub(crate) fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    pub(crate) fn len(&self) -> u64 {
        self.source.len()
    }

    /// The bytes of a range, cut off at the end of the file.
    pub(crate) fn read(&self, range: Range<u64>) -> Result<Vec<u8>, PdfError> {
        let end = range.end.min(self.len());
        let length = end.saturating_sub(range.start);
        let failed = |source| PdfError::Io {
            offset: range.start,
            length,
            source,
        };
        let size =
            usize::try_from(length).map_err(|_| failed(std::io::ErrorKind::OutOfMemory.into()))?;
        let mut bytes = vec![0; size];
        if size > 0 {
            self.source
                .read_exact_at(range.start, &mut bytes)
                .map_err(failed)?;
        }
        Ok(bytes)
    }

    /// Runs `parse` on a window from `offset` on, again with a longer one as long as it looks past
    /// the window's end and the file, and the object budget, go on.
    pub(crate) fn parse<T>(
        &self,
        offset: u64,
        record: Record,
        mut parse: impl FnMut(&mut Parser<'_>) -> Result<T, PdfError>,
    ) -> Result<T, PdfError> {
        let available = self.len().saturating_sub(offset);
        let limit = self.budgets.object_bytes;
        let mut length = FIRST_WINDOW.min(limit);
        loop {
            let bytes = self.read(offset..offset.saturating_add(length))?;
            let mut parser = Parser::new(&bytes, offset, &self.budgets, record);
            let result = parse(&mut parser);
            if !parser.lexer.hit_end() || length >= available {
                return result;
            }
            if length >= limit {
                return Err(PdfError::budget(BudgetKind::ObjectBytes, limit));
            }
            length = length.saturating_mul(4).min(limit);
            let window = length.min(available);
            charge(
                &self.long_objects,
                window,
                self.budgets.long_object_bytes,
                BudgetKind::LongObjectBytes,
            )?;
        }
    }

    /// The first place at or after `range.start` where `needle` begins, wholly before `range.end`.
    pub(crate) fn find(&self, needle: &[u8], range: Range<u64>) -> Result<Option<u64>, PdfError> {
        const CHUNK: u64 = 64 << 10;
        let overlap = needle.len().saturating_sub(1) as u64;
        let end = range.end.min(self.len());
        let mut at = range.start;
        let mut chunk = 4096;
        while at + (needle.len() as u64) <= end {
            let bytes = self.read(at..(at + chunk).min(end))?;
            self.count_scan(bytes.len() as u64)?;
            if let Some(found) = find_bytes(&bytes, needle) {
                return Ok(Some(at + found as u64));
            }
            at += (bytes.len() as u64 - overlap).max(1);
            chunk = CHUNK;
        }
        Ok(None)
    }

    /// Charges the scan budget.
    pub(crate) fn count_scan(&self, bytes: u64) -> Result<(), PdfError> {
        charge(
            &self.scanned,
            bytes,
            self.budgets.scan_bytes,
            BudgetKind::ScanBytes,
        )
    }

    /// What is left of the budget for decoded cross-reference and object streams.
    pub(crate) fn structure_left(&self) -> u64 {
        self.budgets
            .structure_bytes
            .saturating_sub(self.structure.load(Ordering::Relaxed))
    }

    /// Charges the budget for decoded cross-reference and object streams.
    pub(crate) fn count_structure(&self, bytes: u64) -> Result<(), PdfError> {
        charge(
            &self.structure,
            bytes,
            self.budgets.structure_bytes,
            BudgetKind::StructureBytes,
        )
    }
}

fn charge(counter: &AtomicU64, bytes: u64, limit: u64, what: BudgetKind) -> Result<(), PdfError> {
    let before = counter.fetch_add(bytes, Ordering::Relaxed);
    if before.saturating_add(bytes) > limit {
        return Err(PdfError::budget(what, limit));
    }
    Ok(())
}

/// The first occurrence of `needle`; a short needle in ordinary bytes.
pub(crate) fn find_bytes(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let (&first, rest) = needle.split_first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|&b| b == first) {
        let at = from + at;
        if bytes.get(at + 1..)?.starts_with(rest) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The last occurrence of `needle`.
pub(crate) fn rfind_bytes(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(needle.len())?;
    (0..=last)
        .rev()
        .find(|&at| bytes.get(at..).is_some_and(|rest| rest.starts_with(needle)))
}
