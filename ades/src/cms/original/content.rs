//! The content inside a signature, read as a stream: one OCTET STRING, or one in pieces.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use pdf_file::Source;

use super::scan::{ScanError, Scanner};
use crate::cms::parse::CmsError;

/// Strings inside strings.
const DEPTH: usize = 32;

/// eContent where it lies in the file.
#[derive(Clone)]
pub struct EmbeddedContent {
    source: Arc<dyn Source>,
    /// The `[0]` around it, header included.
    pub(super) explicit: Range<u64>,
    /// The one value in it.
    value: Range<u64>,
}

impl core::fmt::Debug for EmbeddedContent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EmbeddedContent")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

impl EmbeddedContent {
    pub(super) fn new(source: Arc<dyn Source>, explicit: Range<u64>, value: Range<u64>) -> Self {
        Self {
            source,
            explicit,
            value,
        }
    }

    /// Gives the value octets to `sink`, piece by piece. What is hashed is the content of the
    /// OCTET STRING, whatever it is cut into (RFC 5652 section 5.4); PKCS#7 allowed any type here,
    /// of which the value octets count.
    ///
    /// # Errors
    /// Where the file cannot be read, or the pieces are no OCTET STRINGs.
    pub fn for_each(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut scanner = Scanner::new(&*self.source);
        let invalid = |e: ScanError| match e {
            ScanError::Io(e) => e,
            ScanError::Cms(e) => io::Error::new(io::ErrorKind::InvalidData, e),
        };
        let first = scanner
            .header(self.value.start, self.value.end)
            .map_err(invalid)?;
        if first.tag != 0x24 {
            let end = first.end.unwrap_or(self.value.end.saturating_sub(2));
            return self.octets(first.content..end, sink);
        }
        // Constructed: where each open string ends, `None` with an indefinite length.
        let mut open = vec![first.end];
        let mut at = first.content;
        while let Some(end) = open.last().copied() {
            let closed = match end {
                Some(end) => at >= end,
                None => scanner.ends(at)?,
            };
            if closed {
                at += if end.is_none() { 2 } else { 0 };
                open.pop();
                continue;
            }
            let limit = open
                .iter()
                .flatten()
                .min()
                .copied()
                .unwrap_or(self.value.end);
            let piece = scanner.header(at, limit).map_err(invalid)?;
            match (piece.tag, piece.end) {
                (0x04, Some(end)) => {
                    self.octets(piece.content..end, sink)?;
                    at = end;
                }
                (0x24, end) if open.len() < DEPTH => {
                    open.push(end);
                    at = piece.content;
                }
                _ => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        CmsError::Malformed("pieces of an OCTET STRING"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The value octets, where they are not more than `max`.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    pub(crate) fn to_vec(&self, max: usize) -> io::Result<Option<Vec<u8>>> {
        if self.value.end - self.value.start > (max as u64).saturating_mul(2) {
            return Ok(None);
        }
        let mut out = Vec::new();
        self.for_each(&mut |part| {
            out.extend_from_slice(part);
            Ok(())
        })?;
        Ok((out.len() <= max).then_some(out))
    }

    /// Copies the `[0]` as it is.
    pub(super) fn copy_explicit(&self, out: &mut dyn Write) -> io::Result<()> {
        self.octets(self.explicit.clone(), &mut |part| out.write_all(part))
    }

    fn octets(
        &self,
        range: Range<u64>,
        sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        copy(&*self.source, range, sink)
    }
}

/// Gives a range of a source to `sink`, piece by piece.
pub(super) fn copy(
    source: &dyn Source,
    range: Range<u64>,
    sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; (range.end.saturating_sub(range.start)).min(1 << 16) as usize];
    let mut at = range.start;
    while at < range.end {
        let n = (range.end - at).min(buffer.len() as u64) as usize;
        let part = buffer.get_mut(..n).unwrap_or_default();
        source.read_exact_at(at, part)?;
        sink(part)?;
        at += n as u64;
    }
    Ok(())
}
