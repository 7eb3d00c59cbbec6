//! Walking over the certificates without holding them all.

use super::{CaEngine, ListFilter};
use crate::error::CaError;
use crate::store::{CertificateEntry, Page, Which};

impl CaEngine {
    /// Shows the certificates to `visit` in order of issuance, a page of them at a time, so that a record
    /// with millions costs no more memory than a small one. `visit` may stop the walk with an error of
    /// its own.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], where the record cannot be read, or what `visit` returned.
    pub fn visit<E: From<CaError>>(
        &self,
        filter: &ListFilter,
        mut visit: impl FnMut(&[CertificateEntry]) -> Result<(), E>,
    ) -> Result<(), E> {
        let authority = match &filter.authority {
            Some(name) => Some(self.authority(name)?.id),
            None => None,
        };
        let mut page = Page {
            authority,
            which: if filter.revoked {
                Which::Revoked
            } else {
                Which::All
            },
            after: None,
        };
        loop {
            let (entries, next) = self.store.page(&page).map_err(CaError::from)?;
            visit(&entries)?;
            page.after = next;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    /// Certificates in order of issuance, all at once.
    ///
    /// # Errors
    /// As [`Self::visit`].
    pub fn list(&self, filter: &ListFilter) -> Result<Vec<CertificateEntry>, CaError> {
        let mut all = Vec::new();
        self.visit(filter, |entries| {
            all.extend_from_slice(entries);
            Ok::<_, CaError>(())
        })?;
        Ok(all)
    }
}
