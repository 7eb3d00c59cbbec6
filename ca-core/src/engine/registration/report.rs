//! Certificates that will end soon.

use pki_asn1::UnixTime;

use crate::engine::CaEngine;
use crate::error::CaError;
use crate::store::{CertificateState, Ending};

/// Which certificates the report is about; the default is about all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExpiryFilter {
    /// Only those of this authority.
    pub authority: Option<String>,
    /// Only those of this organisation.
    pub organisation: Option<String>,
}

impl CaEngine {
    /// Shows the certificates that end within `days` and are not revoked to `visit`, in order of their
    /// end, page by page.
    ///
    /// # Errors
    /// [`CaError::UnknownAuthority`], or where the record cannot be read or `visit` stops.
    pub fn expiring<E: From<CaError>>(
        &self,
        days: u32,
        filter: &ExpiryFilter,
        mut visit: impl FnMut(Ending) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(name) = &filter.authority {
            self.authority(name)?;
        }
        let now = self.now();
        let until = now.plus_days(days);
        // What ended a moment ago is not about to end.
        let mut after = (UnixTime::from_secs(now.as_secs() - 1), i64::MAX);
        loop {
            let page = self.store.ending(until, after).map_err(CaError::from)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = (last.entry.not_after, last.place);
            for ending in page {
                let entry = &ending.entry;
                let wanted = entry.state == CertificateState::Issued
                    && entry.revocation.is_none()
                    && filter
                        .authority
                        .as_ref()
                        .is_none_or(|a| *a == entry.authority)
                    && (filter.organisation.is_none()
                        || filter.organisation == ending.organisation);
                if wanted {
                    visit(ending)?;
                }
            }
        }
    }
}
