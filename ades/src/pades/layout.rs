//! The update with its two reserved spaces: `/ByteRange` is filled in and hashed, `/Contents` takes
//! the signature (ISO 32000-2, 12.8.1).

use core::ops::Range;

use pdf_file::Appended;
use pki_crypto::{Digest, Hasher};

use super::PadesError;
use super::plan::{BYTE_RANGE, CONTENTS};

/// An incremental update that lacks nothing but the signature.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The input's length.
    start: u64,
    update: Vec<u8>,
    /// `/Contents` in `update`, from `<` to `>` inclusive.
    contents: Range<usize>,
}

impl Layout {
    pub(super) fn new(mut appended: Appended) -> Result<Self, PadesError> {
        let lost = PadesError::Structure("the space for the signature was not laid out");
        let contents = appended.reserved(CONTENTS).ok_or(lost)?;
        let range = format!(
            "[0 {} {} {}]",
            contents.start,
            contents.end,
            appended.end() - contents.end
        );
        appended.fill(BYTE_RANGE, range.as_bytes())?;
        let start = appended.start();
        // The update is in memory, so offsets in it fit.
        let contents = (contents.start - start) as usize..(contents.end - start) as usize;
        Ok(Self {
            start,
            update: appended.bytes().to_vec(),
            contents,
        })
    }

    /// From its parts; `None` where they do not fit together.
    pub(super) fn from_parts(start: u64, update: Vec<u8>, contents: Range<usize>) -> Option<Self> {
        let reserved = update.get(contents.clone())?;
        let inner = reserved.strip_prefix(b"<")?.strip_suffix(b">")?;
        let empty = inner.len().is_multiple_of(2) && inner.iter().all(|digit| *digit == b'0');
        empty.then_some(Self {
            start,
            update,
            contents,
        })
    }

    pub(super) fn start(&self) -> u64 {
        self.start
    }

    pub(super) fn contents(&self) -> Range<usize> {
        self.contents.clone()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.update
    }

    /// The length of the signed document.
    pub(super) fn end(&self) -> u64 {
        self.start + self.update.len() as u64
    }

    /// The digest of what `/ByteRange` covers; `before` has seen the input.
    pub(super) fn digest(&self, mut before: Hasher) -> Digest {
        before.update(&self.update[..self.contents.start]);
        before.update(&self.update[self.contents.end..]);
        before.finish()
    }

    /// Octets that the signature may have.
    pub(super) fn room(&self) -> usize {
        self.contents.len().saturating_sub(2) / 2
    }

    /// Fills in the signature.
    ///
    /// # Errors
    /// With its length, where it is longer than the room.
    pub(super) fn fill(&mut self, cms: &[u8]) -> Result<(), usize> {
        if cms.len() > self.room() {
            return Err(cms.len());
        }
        let digits = self.contents.start + 1..;
        let digits = &mut self.update[digits][..2 * cms.len()];
        hex::encode_to_slice(cms, digits).map_err(|_| cms.len())
    }
}
