//! A published CRL read piece by piece, so that no reader holds it whole.

use std::io;
use std::sync::Arc;

use crate::store::{PublishedCrl, Store, StoreError};

/// A published CRL and its bytes from the beginning. What is published never changes, so pieces read
/// at different times belong together.
#[derive(Debug)]
pub struct CrlStream {
    crl: PublishedCrl,
    store: Arc<dyn Store>,
    next: u64,
    read: u64,
}

impl CrlStream {
    pub(crate) fn new(crl: PublishedCrl, store: Arc<dyn Store>) -> Self {
        Self {
            crl,
            store,
            next: 0,
            read: 0,
        }
    }

    /// Which CRL it is.
    #[must_use]
    pub fn crl(&self) -> &PublishedCrl {
        &self.crl
    }

    /// The next piece (DER), about 256 KiB; `None` after the last.
    ///
    /// # Errors
    /// Where the record cannot be read, or holds fewer bytes than were published.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.store.crl_chunk(self.crl.id, self.next)? {
            Some(chunk) => {
                self.next += 1;
                self.read += chunk.len() as u64;
                Ok(Some(chunk))
            }
            None if self.read == self.crl.size => Ok(None),
            None => Err(StoreError::Spool(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Writes what is left of it.
    ///
    /// # Errors
    /// The writer's, or the record's as [`io::ErrorKind::Other`].
    pub fn write_to(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        while let Some(chunk) = self.next_chunk().map_err(io::Error::other)? {
            out.write_all(&chunk)?;
        }
        Ok(())
    }
}
