//! The bytes of a CRL that are too many to hold: entries are spooled while they come out of the
//! record, digested when their number is known, and copied into the record once they are signed.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;

/// Entries up to this many octets stay in memory; more go to a temporary file without a name.
const IN_MEMORY: usize = 1 << 20;
/// What is written to the file, read from it, and stored in the record at once.
pub(crate) const CHUNK: usize = 256 * 1024;

/// Encoded entries, on their way.
pub(crate) struct Spool {
    file: SpooledTempFile,
    buffer: Vec<u8>,
    length: u64,
}

/// A finished CRL, or its to-be-signed part: what stands before the entries, the entries, and what
/// stands after them.
pub struct Body {
    front: Vec<u8>,
    entries: Mutex<SpooledTempFile>,
    entries_length: u64,
    tail: Vec<u8>,
}

impl Default for Spool {
    fn default() -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            buffer: Vec::with_capacity(CHUNK + 512),
            length: 0,
        }
    }
}

impl Spool {
    /// Appends what `write` appends to the buffer it is given.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        write(&mut self.buffer);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.length += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Everything written so far, with what stands around it.
    pub(crate) fn finish(
        mut self,
        around: impl FnOnce(u64) -> io::Result<(Vec<u8>, Vec<u8>)>,
    ) -> io::Result<Body> {
        self.flush()?;
        let (front, tail) = around(self.length)?;
        Ok(Body {
            front,
            entries: Mutex::new(self.file),
            entries_length: self.length,
            tail,
        })
    }
}

impl Body {
    /// Bytes that are there already.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self {
            front: bytes,
            entries: Mutex::new(SpooledTempFile::new(0)),
            entries_length: 0,
            tail: Vec::new(),
        }
    }

    /// The length of everything in octets.
    pub(crate) fn length(&self) -> u64 {
        self.front.len() as u64 + self.entries_length + self.tail.len() as u64
    }

    /// Puts more before and after what is there.
    pub(crate) fn enclose(&mut self, before: Vec<u8>, after: &[u8]) {
        let front = core::mem::replace(&mut self.front, before);
        self.front.extend(front);
        self.tail.extend_from_slice(after);
    }

    /// Reads it from its beginning in chunks: all of [`CHUNK`] octets but the last.
    pub(crate) fn for_each_chunk<E>(
        &self,
        failed: impl Fn(io::Error) -> E,
        mut visit: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut file: MutexGuard<'_, SpooledTempFile> =
            self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(0)).map_err(&failed)?;
        let mut all = self
            .front
            .as_slice()
            .chain((&mut *file).take(self.entries_length))
            .chain(self.tail.as_slice());
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut read = 0;
        loop {
            chunk.clear();
            (&mut all)
                .take(CHUNK as u64)
                .read_to_end(&mut chunk)
                .map_err(&failed)?;
            if chunk.is_empty() {
                break;
            }
            read += chunk.len() as u64;
            visit(&chunk)?;
        }
        if read != self.length() {
            // A temporary file that somebody made shorter.
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(())
    }

    #[cfg(test)]
    fn to_vec(&self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.for_each_chunk(core::convert::identity, |chunk| {
            all.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok(all)
    }
}

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(entries: usize) -> (Body, Vec<u8>) {
        let mut spool = Spool::default();
        let mut expected = vec![1; 7];
        for i in 0..entries {
            let entry = [i as u8; 37];
            spool
                .push(|buffer| buffer.extend_from_slice(&entry))
                .unwrap();
            expected.extend_from_slice(&entry);
        }
        expected.extend([9; 11]);
        let around = |length| {
            assert_eq!(length, entries as u64 * 37);
            Ok((vec![1; 7], vec![9; 11]))
        };
        (spool.finish(around).unwrap(), expected)
    }

    #[test]
    fn what_was_pushed_comes_out_again_and_again() {
        // Around the sizes of a chunk and of what stays in memory.
        for entries in [
            0,
            1,
            CHUNK / 37,
            CHUNK / 37 + 1,
            IN_MEMORY / 37 + 1,
            100_000,
        ] {
            let (mut body, mut expected) = body(entries);
            assert_eq!(body.to_vec().unwrap(), expected);
            body.enclose(vec![5, 5], &[6; 3]);
            expected.splice(0..0, [5, 5]);
            expected.extend([6; 3]);
            let mut chunks = Vec::new();
            body.for_each_chunk(core::convert::identity, |chunk| {
                chunks.push(chunk.to_vec());
                Ok(())
            })
            .unwrap();
            assert!(chunks.iter().rev().skip(1).all(|c| c.len() == CHUNK));
            assert_eq!(chunks.concat(), expected);
            assert_eq!(body.length(), expected.len() as u64);
        }
    }
}
