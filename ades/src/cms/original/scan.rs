//! BER values where they lie: in memory, and in a source of any size (X.690 clause 8.1).
//!
//! Nothing is normalized here: a value is found with its length, indefinite or not, and stays the
//! octets it is.

use std::io;
use std::ops::Range;

use pdf_file::Source;

use crate::cms::parse::CmsError;
use crate::cms::parse::ber::header;

/// Values inside each other of indefinite length.
const DEPTH: usize = 64;
/// What is read of a source at once.
const WINDOW: usize = 1 << 16;
/// The longest header that is understood: identifier, length of the length, eight octets.
const HEADER: usize = 10;

/// One value as it was received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// Header, content and, where the length is indefinite, the end-of-contents octets.
    pub(crate) whole: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// Reads values one after another.
pub(crate) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, CmsError> {
        let (tag, head, length) = header(self.0).ok_or(CmsError::Truncated)?;
        let (end, value_end) = match length {
            Some(length) => {
                let end = head.checked_add(length).ok_or(CmsError::Truncated)?;
                (end, end)
            }
            None => {
                let inside = indefinite(self.0.get(head..).ok_or(CmsError::Truncated)?)?;
                (head + inside + 2, head + inside)
            }
        };
        let whole = self.0.get(..end).ok_or(CmsError::Truncated)?;
        let value = whole.get(head..value_end).ok_or(CmsError::Truncated)?;
        self.0 = self.0.get(end..).ok_or(CmsError::Truncated)?;
        Ok(Element { tag, whole, value })
    }

    /// The next value if it has this identifier octet.
    pub(crate) fn take(&mut self, tag: u8) -> Result<Option<Element<'a>>, CmsError> {
        if self.0.first() == Some(&tag) {
            self.next().map(Some)
        } else {
            Ok(None)
        }
    }

    /// All that are left, at most `limit`.
    pub(crate) fn all(
        mut self,
        what: &'static str,
        limit: usize,
    ) -> Result<Vec<Element<'a>>, CmsError> {
        let mut out = Vec::new();
        while !self.is_empty() {
            if out.len() == limit {
                return Err(CmsError::Budget { what, limit });
            }
            out.push(self.next()?);
        }
        Ok(out)
    }
}

/// How many octets of content stand before the end-of-contents octets that belong to them.
fn indefinite(bytes: &[u8]) -> Result<usize, CmsError> {
    let mut at = 0usize;
    let mut open = 1usize;
    loop {
        let rest = bytes.get(at..).ok_or(CmsError::Truncated)?;
        if rest.starts_with(&[0, 0]) {
            open -= 1;
            if open == 0 {
                return Ok(at);
            }
            at += 2;
            continue;
        }
        let (tag, head, length) = header(rest).ok_or(CmsError::Truncated)?;
        at = match length {
            Some(length) => at
                .checked_add(head)
                .and_then(|n| n.checked_add(length))
                .ok_or(CmsError::Truncated)?,
            None => {
                open = deeper(tag, open)?;
                at + head
            }
        };
    }
}

fn deeper(tag: u8, open: usize) -> Result<usize, CmsError> {
    if tag & 0x20 == 0 {
        return Err(CmsError::Malformed(
            "indefinite length of a primitive value",
        ));
    }
    if open == DEPTH {
        return Err(CmsError::Budget {
            what: "nested values",
            limit: DEPTH,
        });
    }
    Ok(open + 1)
}

/// A header in a source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) tag: u8,
    /// Where the content begins.
    pub(crate) content: u64,
    /// Where it ends; `None` with an indefinite length.
    pub(crate) end: Option<u64>,
}

/// Reads headers in a source through a window, so that many small values cost few reads.
pub(crate) struct Scanner<'s> {
    source: &'s dyn Source,
    window: Vec<u8>,
    start: u64,
}

impl<'s> Scanner<'s> {
    pub(crate) fn new(source: &'s dyn Source) -> Self {
        Self {
            source,
            window: Vec::new(),
            start: 0,
        }
    }

    /// Up to `len` octets from `at` on; fewer at the end of the source.
    fn peek(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let available = self.source.len().saturating_sub(at).min(len as u64) as usize;
        let inside = at
            .checked_sub(self.start)
            .is_some_and(|o| o + available as u64 <= self.window.len() as u64);
        if !inside {
            let size = self.source.len().saturating_sub(at).min(WINDOW as u64) as usize;
            self.window.resize(size, 0);
            self.source.read_exact_at(at, &mut self.window)?;
            self.start = at;
        }
        let from = (at - self.start) as usize;
        Ok(self.window.get(from..from + available).unwrap_or_default())
    }

    /// The header at `at`; its value must end before `limit`.
    pub(crate) fn header(&mut self, at: u64, limit: u64) -> Result<Header, ScanError> {
        let bytes = self.peek(at, HEADER)?;
        let (tag, head, length) = header(bytes).ok_or(CmsError::Truncated)?;
        let content = at + head as u64;
        let end = match length {
            Some(length) => Some(
                content
                    .checked_add(length as u64)
                    .filter(|end| *end <= limit)
                    .ok_or(CmsError::Truncated)?,
            ),
            None if tag & 0x20 == 0 => {
                return Err(CmsError::Malformed("indefinite length of a primitive value").into());
            }
            None => None,
        };
        Ok(Header { tag, content, end })
    }

    /// Whether the end-of-contents octets stand at `at`.
    pub(crate) fn ends(&mut self, at: u64) -> io::Result<bool> {
        Ok(self.peek(at, 2)? == [0, 0])
    }

    /// The octets of the whole value at `at`, which must not be longer than `max`.
    pub(crate) fn value(&mut self, at: u64, limit: u64, max: u64) -> Result<Vec<u8>, ScanError> {
        let end = self.skip(at, limit)?;
        self.octets(at..end, max)
    }

    /// These octets, where they are not more than `max`.
    pub(crate) fn octets(&mut self, range: Range<u64>, max: u64) -> Result<Vec<u8>, ScanError> {
        let len = range.end.saturating_sub(range.start);
        if len > max {
            return Err(CmsError::Budget {
                what: "octets beside the content",
                limit: max as usize,
            }
            .into());
        }
        let mut out = vec![0; len as usize];
        self.source.read_exact_at(range.start, &mut out)?;
        Ok(out)
    }

    /// Where the value at `at` ends.
    pub(crate) fn skip(&mut self, at: u64, limit: u64) -> Result<u64, ScanError> {
        let first = self.header(at, limit)?;
        let Some(end) = first.end else {
            let mut at = first.content;
            let mut open = 1usize;
            while open > 0 {
                if self.ends(at)? {
                    open -= 1;
                    at += 2;
                    continue;
                }
                let next = self.header(at, limit)?;
                at = match next.end {
                    Some(end) => end,
                    None => {
                        open = deeper(next.tag, open)?;
                        next.content
                    }
                };
            }
            return Ok(at);
        };
        Ok(end)
    }
}

/// Why scanning stopped.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The source cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    /// It is not what it should be.
    #[error(transparent)]
    Cms(#[from] CmsError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdf_file::MemorySource;

    const NESTED: [u8; 16] = [
        0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0, 0, 0x02, 0x01, 5, 0, 0, 9, 9,
    ];

    #[test]
    fn a_value_of_indefinite_length_ends_where_its_own_octets_say() {
        let mut elements = Elements::new(&NESTED);
        let one = elements.next().unwrap();
        assert_eq!(one.whole, &NESTED[..14]);
        assert_eq!(one.value, &NESTED[2..12]);
        assert_eq!(elements.0, [9, 9]);
        let source = MemorySource::new(NESTED.to_vec());
        assert_eq!(Scanner::new(&source).skip(0, 16).unwrap(), 14);
    }

    #[test]
    fn nesting_and_truncation_are_errors() {
        let deep = [0x30u8, 0x80].repeat(1000);
        assert!(matches!(
            Elements::new(&deep).next(),
            Err(CmsError::Budget { .. })
        ));
        let source = MemorySource::new(deep);
        assert!(Scanner::new(&source).skip(0, 2000).is_err());
        for cut in 1..14 {
            assert!(Elements::new(&NESTED[..cut]).next().is_err(), "{cut}");
        }
    }
}
