//! A document that is written out and then grows by one incremental update after the other.
//!
//! The input is copied once; what it hashes to is kept, so that neither a signature nor a document
//! time-stamp over everything before it reads the input again. In memory are the updates alone.

use std::io::{self, Write};
use std::sync::Arc;

use pdf_file::{OpenOptions, PdfFile, Source};
use pki_crypto::{DigestAlgorithm, Hasher};

use super::PadesError;

/// Octets copied at a time.
const CHUNK: usize = 1 << 18;

/// The bytes written so far: an input and updates after it.
#[derive(Clone)]
struct Layers {
    base: Arc<dyn Source>,
    /// Each update with its offset in the document.
    updates: Vec<(u64, Arc<[u8]>)>,
    len: u64,
}

/// A document being written.
pub(super) struct Growing<'o> {
    out: &'o mut dyn Write,
    layers: Layers,
    hashers: Vec<Hasher>,
}

impl<'o> Growing<'o> {
    /// Copies `base` to `out` and hashes it with each of `algorithms`.
    pub(super) fn copy(
        base: &Arc<dyn Source>,
        out: &'o mut dyn Write,
        algorithms: &[DigestAlgorithm],
    ) -> Result<Self, PadesError> {
        let mut algorithms = algorithms.to_vec();
        algorithms.sort_unstable();
        algorithms.dedup();
        let mut hashers: Vec<Hasher> = algorithms.iter().map(|a| a.hasher()).collect();
        let len = copy(base.as_ref(), out, &mut hashers)?;
        Ok(Self {
            out,
            layers: Layers {
                base: Arc::clone(base),
                updates: Vec::new(),
                len,
            },
            hashers,
        })
    }

    /// A hasher that has seen everything written so far.
    pub(super) fn hasher(&self, algorithm: DigestAlgorithm) -> Result<Hasher, PadesError> {
        let found = self.hashers.iter().find(|h| h.algorithm() == algorithm);
        found.cloned().ok_or(PadesError::Structure(
            "its digest was not computed while it was copied",
        ))
    }

    /// Writes one more update.
    pub(super) fn append(&mut self, update: &[u8]) -> Result<(), PadesError> {
        self.out.write_all(update).map_err(PadesError::Write)?;
        for hasher in &mut self.hashers {
            hasher.update(update);
        }
        self.layers.updates.push((self.layers.len, update.into()));
        self.layers.len += update.len() as u64;
        Ok(())
    }

    /// Octets written.
    pub(super) fn len(&self) -> u64 {
        self.layers.len
    }

    /// The document as it is now.
    pub(super) fn reopen(&self, options: &OpenOptions) -> Result<PdfFile, PadesError> {
        let source = Arc::new(self.layers.clone());
        Ok(PdfFile::open(source, options.clone())?)
    }
}

/// Copies all of `source`, hashing it on the way; gives its length.
pub(super) fn copy(
    source: &dyn Source,
    out: &mut dyn Write,
    hashers: &mut [Hasher],
) -> Result<u64, PadesError> {
    let len = source.len();
    let mut buffer = vec![0; CHUNK.min(usize::try_from(len).unwrap_or(CHUNK))];
    let mut at = 0;
    while at < len {
        let n = buffer
            .len()
            .min(usize::try_from(len - at).unwrap_or(usize::MAX));
        let chunk = &mut buffer[..n];
        source.read_exact_at(at, chunk).map_err(PadesError::Read)?;
        for hasher in hashers.iter_mut() {
            hasher.update(chunk);
        }
        out.write_all(chunk).map_err(PadesError::Write)?;
        at += n as u64;
    }
    Ok(len)
}

impl Source for Layers {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, mut offset: u64, mut buf: &mut [u8]) -> io::Result<()> {
        let base = self.base.len();
        if offset < base {
            let n = buf
                .len()
                .min(usize::try_from(base - offset).unwrap_or(usize::MAX));
            let (here, rest) = buf.split_at_mut(n);
            self.base.read_exact_at(offset, here)?;
            (offset, buf) = (offset + n as u64, rest);
        }
        // The update that holds `offset` is the last one that begins at or before it.
        let mut next = self.updates.partition_point(|(start, _)| *start <= offset);
        next = next.saturating_sub(1);
        while !buf.is_empty() {
            let found = self.updates.get(next).and_then(|(start, bytes)| {
                let from = usize::try_from(offset.checked_sub(*start)?).ok()?;
                bytes.get(from..).filter(|rest| !rest.is_empty())
            });
            let Some(bytes) = found else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            let n = bytes.len().min(buf.len());
            let (here, rest) = buf.split_at_mut(n);
            here.copy_from_slice(&bytes[..n]);
            (offset, buf) = (offset + n as u64, rest);
            next += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use pdf_file::MemorySource;

    use super::*;

    #[test]
    fn reads_across_the_borders_of_updates_return_the_bytes_written() {
        let base: Arc<dyn Source> = Arc::new(MemorySource::new(b"0123".to_vec()));
        let mut out = Vec::new();
        let mut growing = Growing::copy(&base, &mut out, &[DigestAlgorithm::Sha256]).unwrap();
        growing.append(b"456").unwrap();
        growing.append(b"789a").unwrap();
        let layers = growing.layers.clone();
        let hash = growing.hasher(DigestAlgorithm::Sha256).unwrap().finish();
        let whole = b"0123456789a";
        for from in 0..=whole.len() {
            for to in from..=whole.len() {
                let mut buffer = vec![0; to - from];
                layers.read_exact_at(from as u64, &mut buffer).unwrap();
                assert_eq!(buffer, &whole[from..to]);
            }
        }
        assert!(layers.read_exact_at(9, &mut [0; 3]).is_err());
        assert_eq!(growing.len(), whole.len() as u64);
        assert_eq!(out, whole);
        assert_eq!(hash, DigestAlgorithm::Sha256.digest(whole));
    }
}
